// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a sweep file or with the data set it names, where, and what to do.
package struct SweepPlanError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: String, CaseIterable, Hashable, Sendable {
    case fileMissing = "E-spec-file-missing"
    case fileUnreadable = "E-spec-file-unreadable"
    case syntax = "E-spec-syntax"
    case duplicateKey = "E-spec-duplicate-key"
    case unknownKey = "E-spec-unknown-key"
    case missingKey = "E-spec-missing-key"
    case wrongType = "E-spec-wrong-type"
    case badValue = "E-spec-bad-value"
    case notSupportedYet = "E-spec-not-supported-yet"
    case badOverride = "E-spec-bad-override"
    case datasetMissing = "E-dataset-missing"
    case datasetInvalid = "E-dataset-invalid"
    case datasetMismatch = "E-dataset-mismatch"
  }

  /// A stretch of one line, and the line itself.
  package struct Place: Hashable, Sendable {
    /// The file's path, or `--set` for an override.
    package let source: String
    /// From 1.
    package let line: Int
    /// From 1, in Unicode scalars.
    package let column: Int
    package let width: Int
    package let text: String
  }

  package let code: Code
  package let message: String
  /// `nil` where no line is to blame.
  package let place: Place?
  /// What stands behind the caret: what is expected here.
  package let note: String?
  package let help: String?

  package init(
    _ code: Code, _ message: String, at place: Place? = nil, note: String? = nil, help: String? = nil
  ) {
    self.code = code
    self.message = message
    self.place = place
    self.note = note
    self.help = help
  }

  /// The error as a screen shows it, without a newline at its end:
  ///
  ///     error: unknown key `tree` in space.params [E-spec-unknown-key]
  ///       --> demo.yaml:41:9
  ///        |
  ///     41 |         tree: {int: [10, 20]}
  ///        |         ^^^^ did you mean `trees`?
  ///     help: docs/Configuration.md lists every key
  package var description: String {
    var lines = ["error: \(message) [\(code.rawValue)]"]
    if let place {
      let margin = String(repeating: " ", count: String(place.line).count)
      let indent = String(repeating: " ", count: place.column - 1)
      let caret = String(repeating: "^", count: max(1, place.width))
      lines += [
        "\(margin)--> \(place.source):\(place.line):\(place.column)", "\(margin) |",
        "\(place.line) | \(place.text)",
        "\(margin) | \(indent)\(caret)\(note.map { " " + $0 } ?? "")",
      ]
    } else if let note {
      lines.append("  " + note)
    }
    if let help { lines.append("help: " + help) }
    return lines.joined(separator: "\n")
  }
}
