// SPDX-License-Identifier: Apache-2.0

/// The families of models that a task may name. Nothing else can be trained by a message.
package enum Learner: String, CaseIterable, Hashable, Sendable {
  /// Histogram gradient-boosted trees, grown leaf by leaf.
  case booster
  /// Time-aware LSTM with attention over hourly sequences.
  case lstm
  /// Elastic-net logistic regression, or linear regression for length of stay: the baseline.
  case linear

  /// Every key the learner takes, in the order of its documentation.
  package var specifications: [ParameterSpecification] {
    let own =
      switch self {
      case .booster: BoosterOptions.specifications
      case .lstm: LSTMOptions.specifications
      case .linear: LinearOptions.specifications
      }
    return own + BalancingOptions.specifications(isTabular: isTabular)
  }

  /// All keys with their values: what was given, checked, and the default for the rest.
  package func resolve(_ given: Parameters) throws(ParameterError) -> Parameters {
    let specifications = specifications
    for entry in given.entries where !specifications.contains(where: { $0.name == entry.name }) {
      let known = specifications.map(\.name).joined(separator: ", ")
      throw ParameterError(name: entry.name, expected: "a key of learner \(rawValue): \(known)", found: entry.name)
    }
    var resolved = Parameters()
    for specification in specifications {
      resolved[specification.name] = try specification.check(given[specification.name] ?? specification.standard)
    }
    return resolved
  }
}

/// What a model is fitted to: the loss, and with it the metrics that make sense.
package enum ObjectiveKind: String, CaseIterable, Hashable, Sendable {
  /// Labels 0 and 1, log loss; predictions are probabilities.
  case binary
  /// Real labels, squared error; predictions are in the label's unit.
  case regression
}
