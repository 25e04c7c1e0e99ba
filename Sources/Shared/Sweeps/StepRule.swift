// SPDX-License-Identifier: Apache-2.0

/// Where a fold's training is looked at before its last step, and what ends it there.
///
/// Made where the fold is released, from recorded results of earlier rounds alone, and handed out with the task: every attempt
/// at it ends at the same step, whoever trains it. What is looked at is the sweep's metric on the rows that training sets aside
/// for early stopping (the inner rows), never on held-out ones.
package struct StepRule: Hashable, Sendable {
  /// After this step the metric is measured; a value outside the range ends the fold without a score.
  package struct Place: Hashable, Sendable {
    package let step: Int
    /// Any number where nothing is asked.
    package let range: ClosedRange<Double>

    package init(step: Int, range: ClosedRange<Double> = -Double.infinity...Double.infinity) {
      self.step = step
      self.range = range
    }
  }

  /// After more than `steps` steps without a gain the fold ends, and the model that it has by then is scored.
  package struct Patience: Hashable, Sendable {
    package let steps: Int
    /// By how much better is better, in the metric's unit.
    package let gainMin: Double

    package init(steps: Int, gainMin: Double = 0) {
      self.steps = steps
      self.gainMin = gainMin
    }
  }

  package static let placeCountMax = 256
  /// A metric of a fold that ended by a rule: after which step.
  package static let stoppedMetric = "stopped/step"

  /// By its name on held-out rows, "valid/auprc".
  package let metric: String
  package let isMaximized: Bool
  /// Ascending by step, at most `placeCountMax`.
  package let places: [Place]
  package let patience: Patience?

  package init(metric: String, isMaximized: Bool, places: [Place], patience: Patience? = nil) {
    self.metric = metric
    self.isMaximized = isMaximized
    self.places = places
    self.patience = patience
  }

  /// "inner/auprc": the curve of what was measured.
  package var curveName: String { Self.curveName(of: metric) }

  package static func curveName(of metric: String) -> String {
    "inner/" + (metric.hasPrefix("valid/") ? String(metric.dropFirst(6)) : metric)
  }
}
