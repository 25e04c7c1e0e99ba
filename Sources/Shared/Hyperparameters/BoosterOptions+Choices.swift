// SPDX-License-Identifier: Apache-2.0

/// A loss that trees descend.
package enum BoosterLoss: String, CaseIterable, Hashable, Sendable {
  /// Log loss for labels 0 and 1, squared error for real labels.
  case standard
  case absolute
  case quantile
  case poisson
  case tweedie
}

/// Which leaf is split next.
package enum TreeGrowth: String, CaseIterable, Hashable, Sendable {
  case leaf
  case level
}

/// The learning rate of tree t of n, as a share of `learning_rate`.
package enum RateSchedule: String, CaseIterable, Hashable, Sendable {
  case constant
  case linear
  case cosine
}

package enum RowSampling: String, CaseIterable, Hashable, Sendable {
  case uniform
  case goss
}

/// What early stopping watches.
package enum StoppingMetric: String, CaseIterable, Hashable, Sendable {
  case loss
  case auroc
  case auprc
  case brier
  case mae
  case rmse
}

/// Rows whose quantiles bound the bins.
package enum BinRows: String, CaseIterable, Hashable, Sendable {
  /// The rows that are fitted: nothing of a held-out row is seen, and each fold is binned for itself.
  case fold
  /// All rows of the data set, held-out ones included: their values (not their labels) move the bounds a little, and every
  /// trial, fold and process shares one binned data set.
  case all
}

extension Parameters {
  func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: text(name)) else { preconditionFailure("\(name) is no choice in \(json)") }
    return choice
  }
}

extension ParameterSpecification {
  static func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, default standard: Choice, _ doc: String
  ) -> ParameterSpecification where Choice.RawValue == String {
    .init(name, .choice(Choice.allCases.map(\.rawValue)), default: .text(standard.rawValue), doc)
  }
}
