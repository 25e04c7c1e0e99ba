// SPDX-License-Identifier: Apache-2.0

package import Sockets

/// What a key may do.
package enum KeyRole: String, CaseIterable, Sendable {
  /// Trains folds.
  case worker
  /// May connect and look; is given no work. Nothing is there to look at yet.
  case observer
}

/// One line of the allow-list.
package struct AllowedKey: Hashable, Sendable {
  package let name: String
  package let role: KeyRole
  /// The last moment at which it is good; `nil`: for ever.
  package let expiry: CalendarTime?
  package let key: PublicKey

  package init(name: String, role: KeyRole, expiry: CalendarTime?, key: PublicKey) {
    self.name = name
    self.role = role
    self.expiry = expiry
    self.key = key
  }

  package func isExpired(at now: CalendarTime) -> Bool { expiry.map { $0 < now } ?? false }

  var line: String { "\(key) \(name) \(role.rawValue) \(expiry?.description ?? "never")" }
}

/// The keys that may speak to a coordinator. A text file, one key a line:
///
///     # public key (64 hexadecimal digits)  name  role  expiry
///     9f2c…e1 node-7 worker 2027-06-30T23:59:59Z
package struct AllowList: Hashable, Sendable {
  package private(set) var keys: [AllowedKey] = []
  private var places: [PublicKey: Int] = [:]
  /// The text it was read from, so that comments survive an edit.
  private var lines: [(text: String, key: PublicKey?)] = []

  package static func == (left: Self, right: Self) -> Bool { left.keys == right.keys }
  package func hash(into hasher: inout Hasher) { hasher.combine(keys) }

  package init() {}

  /// - Throws: `.malformed` with the line's number: a list that is half understood would let in or lock out by accident.
  package init(text: String, path: String) throws(AccessError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
      guard let first = words.first, !first.hasPrefix("#") else {
        lines.append((String(line), nil))
        continue
      }
      try add(Self.entry(words, "\(path):\(index + 1)"), subject: "\(path):\(index + 1)")
    }
  }

  private static func entry(_ words: [Substring], _ place: String) throws(AccessError) -> AllowedKey {
    guard words.count == 4 else {
      throw AccessError(.malformed, place, "expected: public-key name role expiry, found \(words.count) words")
    }
    guard let key = PublicKey(hex: String(words[0])) else {
      throw AccessError(.malformed, place, "expected a public key of 64 hexadecimal digits")
    }
    let name = try checkedName(String(words[1]), place)
    guard let role = KeyRole(rawValue: String(words[2])) else {
      let roles = KeyRole.allCases.map(\.rawValue).joined(separator: " or ")
      throw AccessError(.malformed, place, "expected the role \(roles)")
    }
    let expiry = CalendarTime(String(words[3]))
    guard expiry != nil || words[3] == "never" else {
      throw AccessError(.malformed, place, "expected an expiry as 2027-06-30T23:59:59Z, or never")
    }
    return AllowedKey(name: name, role: role, expiry: expiry, key: key)
  }

  package subscript(key: PublicKey) -> AllowedKey? { places[key].map { keys[$0] } }

  /// - Throws: `.exists` for a key or a name that is listed.
  package mutating func add(_ entry: AllowedKey, subject: String) throws(AccessError) {
    if let other = self[entry.key] {
      throw AccessError(.exists, subject, "the key is listed as \(other.name); each key has one line")
    }
    guard !keys.contains(where: { $0.name == entry.name }) else {
      throw AccessError(.exists, subject, "the name \(entry.name) is listed; names are told to people and must differ")
    }
    places[entry.key] = keys.count
    keys.append(entry)
    lines.append((entry.line, entry.key))
  }

  /// Takes the key out and leaves a comment that says so.
  ///
  /// - Throws: `.unknownName`.
  package mutating func revoke(name: String, at now: CalendarTime, path: String) throws(AccessError) -> AllowedKey {
    guard let place = keys.firstIndex(where: { $0.name == name }) else {
      throw AccessError(.unknownName, name, "\(path) does not list it; see: muster keys list")
    }
    let entry = keys.remove(at: place)
    places = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1.key, $0) })
    lines = lines.map { $0.key == entry.key ? ("# revoked \(now): \(entry.line)", nil) : $0 }
    return entry
  }

  package var text: String {
    var texts = lines.map(\.text)
    while texts.last?.isEmpty == true { texts.removeLast() }
    return texts.isEmpty ? "" : texts.joined(separator: "\n") + "\n"
  }
}

/// A name is part of file names, log lines and tables: letters, digits, `.`, `_`, `-`.
package func checkedName(_ name: String, _ subject: String) throws(AccessError) -> String {
  let isFit = name.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "._-".utf8.contains(byte)
    }
  }
  guard isFit, (1...64).contains(name.utf8.count), !name.hasPrefix("."), !name.hasPrefix("-") else {
    throw AccessError(
      .badName, subject, "expected a name of 1 to 64 letters, digits, `.`, `_` or `-`, not beginning with `.` or `-`")
  }
  return name
}
