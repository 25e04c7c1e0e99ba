// SPDX-License-Identifier: Apache-2.0

/// One value of a hyperparameter, as the sweep file, the wire and the tracker know it.
///
/// A real is always finite: readers refuse NaN and infinities, so that equality, order and JSON are total.
package enum ParameterValue: Hashable, Sendable {
  case integer(Int64)
  case real(Double)
  case text(String)
  case flag(Bool)

  /// The value as a number, if it is one. Learners read real-valued keys through this, so `1` and `1.0` mean the same.
  package var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    case .text, .flag: nil
    }
  }

  /// Canonical JSON: the shortest decimal that reads back as the same bits, `1.0` for a real that is whole.
  package var json: String {
    switch self {
    case .integer(let value): String(value)
    case .real(let value): "\(value)"
    case .text(let value): jsonQuoted(value)
    case .flag(let value): value ? "true" : "false"
    }
  }
}

extension ParameterValue: CustomStringConvertible {
  package var description: String {
    if case .text(let value) = self { value } else { json }
  }
}

/// `text` as a JSON string, quotes included (RFC 8259, section 7).
package func jsonQuoted(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": quoted += "\\\""
    case "\\": quoted += "\\\\"
    case "\n": quoted += "\\n"
    case "\r": quoted += "\\r"
    case "\t": quoted += "\\t"
    case _ where scalar.value < 0x20:
      let hex = String(scalar.value, radix: 16)
      quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}
