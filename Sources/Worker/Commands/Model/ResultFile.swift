// SPDX-License-Identifier: Apache-2.0

import Foundation
import Reporting

/// Where a command's result goes: a file that is there whole or not at all, or standard output.
struct ResultFile {
  /// nil: standard output.
  let path: String?
  let console: Console

  /// - Parameter what: of it, for the line on standard error: "1,234 rows".
  func write(_ text: String, _ what: String) throws { try write(Array(text.utf8), what) }

  func write(_ bytes: [UInt8], _ what: String) throws {
    guard let path else {
      // Console ends lines itself.
      return console.print(
        String(decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...], as: UTF8.self))
    }
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CommandFailure(.failed, "\(path): cannot be written: \(error.localizedDescription)")
    }
    console.note("\(path): \(what)")
  }
}

/// A field of a CSV, quoted where it must be (RFC 4180).
func csvField(_ text: String) -> String {
  guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
  return "\"" + text.replacing("\"", with: "\"\"") + "\""
}

/// "1 row", "1,234 rows"
func counted(_ count: Int, _ noun: String) -> String { "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")" }

/// "12,345"
func grouped(_ count: Int) -> String {
  var text = ""
  for (index, digit) in String(count).reversed().enumerated() {
    if index > 0, index % 3 == 0, digit != "-" { text = "," + text }
    text = String(digit) + text
  }
  return text
}
