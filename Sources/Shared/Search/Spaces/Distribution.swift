// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Where the values of a parameter come from.
package enum Distribution: Hashable, Sendable {
  case real(RealRange)
  case integer(IntegerRange)
  case choice(Choice)
  case fixed(ParameterValue)

  /// How many values there are; `nil` for a continuous range.
  package var valueCount: Int? {
    switch self {
    case .real(let range): range.grid.map(\.count)
    case .integer(let range): range.count
    case .choice(let choice): choice.values.count
    case .fixed: 1
    }
  }

  /// The value at `index` in ascending or declared order. The range must have a `valueCount`, `index` be below it.
  package func value(at index: Int) -> ParameterValue {
    switch self {
    case .real(let range):
      guard let grid = range.grid else { preconditionFailure("a continuous range has no value number \(index)") }
      return .real(grid.value(at: index))
    case .integer(let range): return .integer(range.value(at: index))
    case .choice(let choice): return choice.values[index]
    case .fixed(let value): return value
    }
  }

  /// The position of `value` among the distribution's values; `nil` where it has none or they cannot be counted. Reals are
  /// compared as they are, without tolerance.
  package func index(of value: ParameterValue) -> Int? {
    switch (self, value) {
    case (.real(let range), .real(let found)):
      range.grid.flatMap { grid in (0..<grid.count).first { grid.value(at: $0) == found } }
    case (.integer(let range), .integer(let found)): range.index(of: found)
    case (.choice(let choice), let found): choice.values.firstIndex(of: found)
    case (.fixed(let only), let found): only == found ? 0 : nil
    default: nil
    }
  }

  /// Whether the distribution can give `value`.
  package func contains(_ value: ParameterValue) -> Bool {
    if case .real(let range) = self, range.grid == nil, case .real(let found) = value {
      return (range.low...range.high).contains(found)
    }
    return index(of: value) != nil
  }

  package var isSearched: Bool {
    if case .fixed = self { false } else { true }
  }
}

extension Distribution: CustomStringConvertible {
  /// "real 0.01…0.3, log", "integer 1…9, step 2", "one of log, exp", "fixed 20".
  package var description: String {
    switch self {
    case .real(let range): range.description
    case .integer(let range): range.description
    case .choice(let choice):
      (choice.isOrdered ? "ordered: " : "one of ") + choice.values.map(\.description).joined(separator: ", ")
        + choice.weightsText
    case .fixed(let value): "fixed \(value)"
    }
  }
}

/// A finite list of values, equally likely unless it says otherwise.
package struct Choice: Hashable, Sendable {
  package let values: [ParameterValue]
  /// Relative, in the order of `values`; `nil` for all equal.
  package let weights: [Double]?
  /// The order of `values` means something: samplers take neighbours to be alike (small, medium, large).
  package let isOrdered: Bool

  /// - Throws: with no value, a value twice, weights of another count, negative, not finite, or all zero.
  package init(
    _ values: [ParameterValue], weights: [Double]? = nil, ordered isOrdered: Bool = false
  ) throws(SearchError) {
    guard !values.isEmpty else { throw SearchError(.choice, expected: "at least one value", found: "none") }
    for (index, value) in values.enumerated() where values[..<index].contains(value) {
      throw SearchError(.choice, expected: "each value once", found: "a second \(value)")
    }
    if let weights {
      guard weights.count == values.count else {
        throw SearchError(.weights, expected: "one weight a value, \(values.count)", found: "\(weights.count)")
      }
      let sum = weights.reduce(0, +)
      guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), sum > 0, sum.isFinite else {
        let found = weights.map { "\($0)" }.joined(separator: ", ")
        throw SearchError(.weights, expected: "weights of at least 0, one of them above 0", found: found)
      }
    }
    self.values = values
    self.weights = weights
    self.isOrdered = isOrdered
  }

  var weightsText: String {
    weights.map { " with weights " + $0.map(shortest).joined(separator: ", ") } ?? ""
  }
}

/// `1` for 1.0 and `0.05` for 0.05: for people.
func shortest(_ value: Double) -> String {
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
