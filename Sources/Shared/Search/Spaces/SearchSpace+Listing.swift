// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

extension SearchSpace {
  /// A line of the space's table, for people.
  package struct ListedParameter: Hashable, Sendable {
    /// "model = lstm, layers = 2"; empty for parameters that always exist.
    package let condition: String
    package let name: String
    /// "real 0.01…0.3, log".
    package let distribution: String
    package let isSearched: Bool
  }

  /// Every parameter of the tree in declared order, with the condition under which it exists.
  package var listing: [ListedParameter] { listing(under: []) }

  private func listing(under outer: [String]) -> [ListedParameter] {
    let condition = outer.joined(separator: ", ")
    let own = parameters.map {
      ListedParameter(
        condition: condition, name: $0.name, distribution: $0.distribution.description,
        isSearched: $0.distribution.isSearched)
    }
    return own + branches.flatMap { $0.space.listing(under: outer + $0.conditions.map(\.description)) }
  }
}

extension SearchSpace.Condition: CustomStringConvertible {
  /// "model = lstm" or "model = booster or linear".
  package var description: String { "\(name) = " + values.map(\.description).joined(separator: " or ") }
}
