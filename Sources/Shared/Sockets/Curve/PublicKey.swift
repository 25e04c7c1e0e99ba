// SPDX-License-Identifier: Apache-2.0

/// A Curve25519 public key: who a peer is. Written as 64 hexadecimal digits, which no shell takes for anything else;
/// ZeroMQ's own Z85 text holds `$`, `&`, `<` and `#`.
package struct PublicKey: Hashable, Sendable, CustomStringConvertible {
  package static let byteCount = 32
  package let bytes: [UInt8]

  /// `nil` unless 32 bytes.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// `nil` unless 64 hexadecimal digits, of either case.
  package init?(hex: String) {
    guard let bytes = Hex.bytes(hex.utf8) else { return nil }
    self.init(bytes: bytes)
  }

  package var description: String { Hex.text(bytes) }

  /// The first eight digits, for messages to people.
  package var brief: String { Hex.text(Array(bytes.prefix(4))) }
}

/// A Curve25519 secret key. It never shows itself in a message, a log or a dump: only a key file asks for `hex`.
package struct SecretKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  let bytes: [UInt8]

  /// `nil` unless 64 hexadecimal digits, of either case.
  package init?(hex: String) {
    guard let bytes = Hex.bytes(hex.utf8), bytes.count == PublicKey.byteCount else { return nil }
    self.bytes = bytes
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  package var hex: String { Hex.text(bytes) }
  package var description: String { "(secret key)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  static func bytes(_ text: String.UTF8View) -> [UInt8]? {
    guard text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var high: UInt8?
    for character in text {
      let value: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = character - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = character - UInt8(ascii: "A") + 10
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return bytes
  }
}
