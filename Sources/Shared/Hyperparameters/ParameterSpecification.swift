// SPDX-License-Identifier: Apache-2.0

/// What one hyperparameter of a learner may be: the single source for the sweep file's checks, the defaults that the
/// learner runs with, and the table in `docs/Configuration.md`.
package struct ParameterSpecification: Hashable, Sendable {
  package enum Domain: Hashable, Sendable {
    case integer(ClosedRange<Int64>)
    case real(ClosedRange<Double>)
    case choice([String])
    case flag
    /// A `ColumnList`, each with a sign or none.
    case columns(isSigned: Bool)
    /// A `ColumnList` without signs, of a data set's further labels by their outcomes.
    case outcomes
  }

  package let name: String
  package let domain: Domain
  package let standard: ParameterValue
  /// "rows", "epochs", "1" for a pure number.
  package let unit: String
  package let doc: String

  package init(_ name: String, _ domain: Domain, default standard: ParameterValue, unit: String = "1", _ doc: String) {
    self.name = name
    self.domain = domain
    self.standard = standard
    self.unit = unit
    self.doc = doc
  }

  /// `value` in the domain's own kind (an integer is welcome where a real is asked for), or what was wrong with it.
  package func check(_ value: ParameterValue) throws(ParameterError) -> ParameterValue {
    switch (domain, value) {
    case (.integer(let range), .integer(let found)) where range.contains(found): return value
    case (.real(let range), .integer(let found)) where range.contains(Double(found)): return .real(Double(found))
    case (.real(let range), .real(let found)) where range.contains(found): return value
    case (.choice(let names), .text(let found)) where names.contains(found): return value
    case (.flag, .flag): return value
    case (.columns(let isSigned), .text(let found)) where ColumnList(found, isSigned: isSigned) != nil: return value
    case (.outcomes, .text(let found)) where ColumnList(found, isSigned: false) != nil: return value
    default: throw ParameterError(name: name, expected: domainText, found: value.json)
    }
  }

  /// The domain in words: "an integer in 2...65536", "one of none, log".
  package var domainText: String {
    switch domain {
    case .integer(let range): "an integer in \(range.lowerBound)...\(range.upperBound)"
    case .real(let range): "a number in \(range.lowerBound)...\(range.upperBound)"
    case .choice(let names): "one of " + names.joined(separator: ", ")
    case .flag: "true or false"
    case .columns(isSigned: true): "columns, each with its sign, as \"+age -gcs_*\""
    case .columns(isSigned: false): "columns, as \"age gcs_*\""
    case .outcomes: "outcomes, as \"icu_mortality readmission_*\""
    }
  }
}

/// A hyperparameter that its learner does not know or cannot take.
package struct ParameterError: Error, Hashable, Sendable, CustomStringConvertible {
  package let name: String
  package let expected: String
  package let found: String

  package init(name: String, expected: String, found: String) {
    self.name = name
    self.expected = expected
    self.found = found
  }

  package var description: String { "hyperparameter `\(name)`: expected \(expected), found \(found)" }
}
