// SPDX-License-Identifier: Apache-2.0

/// JSON that a command prints: keys in the order they were given, one line, every number as short as it reads back.
package indirect enum JSONText: Sendable, CustomStringConvertible {
  case null
  case flag(Bool)
  case integer(Int64)
  case real(Double)
  case text(String)
  /// JSON that is written already, as the tracker keeps parameters.
  case raw(String)
  case list([JSONText])
  case object([(String, JSONText)])

  package static func optional(_ value: Double?) -> JSONText { value.map { .real($0) } ?? .null }
  package static func optional(_ value: String?) -> JSONText { value.map { .text($0) } ?? .null }

  package var description: String {
    switch self {
    case .null: "null"
    case .flag(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    // JSON has no NaN and no infinity.
    case .real(let value): value.isFinite ? "\(value)" : "null"
    case .text(let value): quoted(value)
    case .raw(let value): value
    case .list(let items): "[" + items.map(\.description).joined(separator: ",") + "]"
    case .object(let entries):
      "{" + entries.map { quoted($0.0) + ":" + $0.1.description }.joined(separator: ",") + "}"
    }
  }

  private func quoted(_ text: String) -> String {
    var line = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": line += "\\\""
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let hex = String(scalar.value, radix: 16)
        line += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line + "\""
  }
}
