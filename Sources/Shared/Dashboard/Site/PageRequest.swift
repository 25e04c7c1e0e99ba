// SPDX-License-Identifier: Apache-2.0

/// What a page is asked for, read once from the request's target.
package struct PageRequest: Sendable {
  /// Without the query: "/sweep".
  package let path: String
  /// In the order they came; a key may come again.
  package let items: [(key: String, value: String)]
  /// "light" or "dark" where somebody chose; else the system's.
  package let theme: String?
  /// Milliseconds since 1970, for "3 s ago" and rates.
  package let now: Int64

  /// - Parameter target: as in the request's line, "/sweep?name=demo%20one".
  package init(target: String, theme: String? = nil, now: Int64) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts.first.map(String.init) ?? "/"
    items = parts.count < 2 ? [] : Self.items(parts[1])
    self.theme = theme.flatMap { ["light", "dark"].contains($0) ? $0 : nil }
    self.now = now
  }

  package func first(_ key: String) -> String? { items.first { $0.key == key && !$0.value.isEmpty }?.value }
  package func all(_ key: String) -> [String] { items.filter { $0.key == key && !$0.value.isEmpty }.map(\.value) }

  /// A page's number, from 1.
  var pageNumber: Int { min(max(first("page").flatMap(Int.init) ?? 1, 1), 1_000_000) }

  private static func items(_ query: Substring) -> [(key: String, value: String)] {
    query.split(separator: "&").prefix(200).map { item in
      let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (decoded(sides[0]), sides.count > 1 ? decoded(sides[1]) : "")
    }
  }

  /// As forms encode: `+` is a space. What is no UTF-8 becomes U+FFFD.
  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "+") {
        bytes.append(0x20)
      } else if byte == UInt8(ascii: "%"), rest.count >= 2, let value = UInt8(hex: rest.prefix(2)) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension UInt8 {
  fileprivate init?(hex: Substring.UTF8View.SubSequence) {
    self.init(Substring(hex), radix: 16)
  }
}

/// The other way: a path of ours with values from outside.
func link(_ path: String, _ items: KeyValuePairs<String, String>) -> String {
  path + "?" + items.map { $0.key + "=" + encoded($0.value) }.joined(separator: "&")
}

func encoded(_ text: String) -> String {
  var result = ""
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      result.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      let hex = String(byte, radix: 16, uppercase: true)
      result += "%" + (hex.count == 1 ? "0" + hex : hex)
    }
  }
  return result
}
