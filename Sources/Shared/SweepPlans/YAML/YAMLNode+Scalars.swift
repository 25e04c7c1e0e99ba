// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// Scalars by the core schema of YAML 1.2: `1e-4` is a number, `on`, `yes` and `0o17`-less octals such as `017` are what
/// they look like to a person, and nothing but `true` and `false` is a flag.
///
/// - Source: YAML 1.2.2, section 10.3.2.
extension YAMLNode {
  /// A whole number: decimal digits with a sign, `0x…` or `0o…`.
  var integer: Int64? {
    guard case .scalar(let text, isPlain: true) = kind else { return nil }
    if text.hasPrefix("0x") { return digits(text.dropFirst(2), radix: 16) }
    if text.hasPrefix("0o") { return digits(text.dropFirst(2), radix: 8) }
    let body = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    guard !body.isEmpty, body.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int64(text)
  }

  /// A finite number, whole or not.
  var number: Double? {
    if let integer { return Double(integer) }
    guard case .scalar(let text, isPlain: true) = kind else { return nil }
    let allowed = text.utf8.allSatisfy { (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) }
    guard allowed, text.utf8.contains(where: { (48...57).contains($0) }) else { return nil }
    // `.5` and `5.` are numbers of the core schema; Swift asks for a digit on both sides.
    let padded = text.hasSuffix(".") ? text + "0" : text
    let value = Double(padded.hasPrefix(".") ? "0" + padded : padded)
    return value.flatMap { $0.isFinite ? $0 : nil }
  }

  var flag: Bool? {
    guard case .scalar(let text, isPlain: true) = kind else { return nil }
    switch text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: return nil
    }
  }

  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = kind else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// A scalar as a hyperparameter's value; `nil` for lists, mappings, null and numbers that are not finite.
  var parameterValue: ParameterValue? {
    guard case .scalar(let text, _) = kind, !isNull else { return nil }
    if let integer { return .integer(integer) }
    if let number { return .real(number) }
    if let flag { return .flag(flag) }
    let isUnbounded = [".inf", "-.inf", "+.inf", ".nan"].contains(text.lowercased())
    return isUnbounded && !text.isEmpty && integer == nil ? nil : .text(text)
  }

  private func digits(_ text: Substring, radix: Int) -> Int64? {
    text.hasPrefix("+") || text.hasPrefix("-") ? nil : Int64(text, radix: radix)
  }
}
