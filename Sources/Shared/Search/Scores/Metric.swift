// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Which way a metric is better.
package enum Direction: String, CaseIterable, Hashable, Sendable {
  case maximize
  case minimize
}

/// A score on the held-out fold, by the name that workers record it under.
package struct Metric: Hashable, Sendable {
  package let name: String
  package let direction: Direction
  package let doc: String

  /// The metrics that mean something for a kind of label, the usual objective first.
  package static func all(for kind: ObjectiveKind) -> [Metric] {
    switch kind {
    case .binary:
      [
        Metric(name: "valid/auroc", direction: .maximize, doc: "area under the ROC curve"),
        Metric(name: "valid/auprc", direction: .maximize, doc: "average precision"),
        Metric(name: "valid/brier", direction: .minimize, doc: "Brier score: mean squared error of the probability"),
        Metric(name: "valid/logloss", direction: .minimize, doc: "log loss, nats a row"),
        Metric(name: "valid/ece", direction: .minimize, doc: "expected calibration error"),
      ]
    case .regression:
      [
        Metric(name: "valid/rmse", direction: .minimize, doc: "root mean squared error, in the label's unit"),
        Metric(name: "valid/mae", direction: .minimize, doc: "mean absolute error, in the label's unit"),
        Metric(name: "valid/r2", direction: .maximize, doc: "share of the variance explained"),
      ]
    }
  }
}

extension Metric {
  /// The best value that a metric can have on a fold; `nil` for an unknown one.
  package static func bestPossible(_ name: String) -> Double? {
    guard let metric = ObjectiveKind.allCases.flatMap(all).first(where: { $0.name == name }) else { return nil }
    // Every metric that is maximised is a share or at most one (R²), every other is an error of at least zero.
    return metric.direction == .maximize ? 1 : 0
  }
}

/// How the values of the folds become one.
package enum Aggregate: String, CaseIterable, Hashable, Sendable {
  case mean
  case median
}

/// What a sweep looks for.
package struct Objective: Hashable, Sendable {
  package let metric: String
  package let direction: Direction
  package let aggregate: Aggregate
  /// Metrics that are shown beside it.
  package let also: [String]
  package let second: Second?

  /// What is weighed against the metric, by its mean over the folds.
  package struct Second: Hashable, Sendable {
    package let metric: String
    package let direction: Direction

    package init(metric: String, direction: Direction) {
      self.metric = metric
      self.direction = direction
    }

    /// CPU time of training, a fold: what it was where it ran, so no two runs agree in it.
    package static let costMetric = "cost/cpu_seconds"
    package var isCost: Bool { metric == Self.costMetric }
  }

  package init(
    metric: String, direction: Direction, aggregate: Aggregate = .mean, also: [String] = [], second: Second? = nil
  ) {
    self.metric = metric
    self.direction = direction
    self.aggregate = aggregate
    self.also = also
    self.second = second
  }
}
