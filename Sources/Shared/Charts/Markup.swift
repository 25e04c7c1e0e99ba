// SPDX-License-Identifier: Apache-2.0

/// Text of HTML or SVG as it is written.
///
/// Names of elements and attributes are this program's own words (`StaticString`); whatever else goes in, as text or as the
/// value of an attribute, is escaped here and nowhere else.
package struct Markup: Sendable {
  package private(set) var text = ""

  package init() {}

  /// An element with what `body` writes inside.
  package mutating func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ body: (inout Markup) throws -> Void
  ) rethrows {
    open(name, attributes)
    try body(&self)
    text += "</\(name)>"
  }

  /// An element with text inside.
  package mutating func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], text content: String
  ) {
    element(name, attributes) { $0.write(content) }
  }

  /// An element without an end tag, as HTML has them: `input`, `meta`; in SVG every element may be empty.
  package mutating func void(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:]) {
    open(name, attributes)
  }

  /// An element of SVG with nothing inside.
  package mutating func shape(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>) {
    open(name, attributes)
    text += "</\(name)>"
  }

  package mutating func write(_ content: String) { escape(content, isAttribute: false) }
  /// This program's own markup.
  package mutating func literal(_ content: StaticString) { text += "\(content)" }
  package mutating func append(_ other: Markup) { text += other.text }

  private mutating func open(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>) {
    text += "<\(name)"
    for (key, value) in attributes {
      text += " \(key)=\""
      escape(value, isAttribute: true)
      text += "\""
    }
    text += ">"
  }

  private mutating func escape(_ content: String, isAttribute: Bool) {
    let isPlain = content.utf8.allSatisfy { byte in
      byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">")
        && byte != UInt8(ascii: "&") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "'")
    }
    guard !isPlain else { return text += content }
    for scalar in content.unicodeScalars {
      switch scalar {
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "&": text += "&amp;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      case "\n" where isAttribute: text += "&#10;"
      case "\n", "\t": text.unicodeScalars.append(scalar)
      // HTML has no such characters; a reader should still see that there is one.
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): text += "\u{FFFD}"
      // Marks that turn the direction of what follows them could make a name look like another.
      case _ where Self.directions.contains(scalar.value): text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  private static let directions: Set<UInt32> = [
    0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0x200E, 0x200F,
  ]
}
