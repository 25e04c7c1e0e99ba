// SPDX-License-Identifier: Apache-2.0

/// A `SHA256SUMS.txt`: a line a file, 64 hexadecimal digits, blanks, a name.
struct DigestList {
  struct Entry: Hashable {
    let name: String
    let digest: String
  }

  let entries: [Entry]

  /// - Throws: `.badList` for a line that is none, or for a name that could lead out of the folder.
  init(_ text: String, from source: String) throws(DownloadError) {
    var entries: [Entry] = []
    for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let fields = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
      guard fields.count == 2, fields[0].utf8.count == 64, fields[0].utf8.allSatisfy(Self.isHex),
        Self.isPlain(fields[1])
      else {
        throw DownloadError(
          code: .badList, what: source, detail: "line \(index + 1): expected a SHA-256 and a plain file name")
      }
      entries.append(Entry(name: fields[1], digest: fields[0].lowercased()))
    }
    guard !entries.isEmpty else { throw DownloadError(code: .badList, what: source, detail: "it names no file") }
    self.entries = entries
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
  }

  /// Letters, digits, `.`, `_`, `-`; no leading dot: no folder, no hidden file, no way up.
  private static func isPlain(_ name: String) -> Bool {
    guard let first = name.utf8.first, first != UInt8(ascii: "."), name.utf8.count <= 128 else { return false }
    return name.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "._-".utf8.contains(byte)
    }
  }
}
