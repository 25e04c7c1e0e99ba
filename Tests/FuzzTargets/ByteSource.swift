// SPDX-License-Identifier: Apache-2.0

/// Choices read off a byte string: small numbers first, so that a fuzzer's small changes are small changes of the story.
/// Past its end every choice is 0.
struct ByteSource {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position >= bytes.count }

  mutating func next() -> Int {
    guard position < bytes.count else { return 0 }
    defer { position += 1 }
    return Int(bytes[position])
  }

  /// 0 ..< bound.
  mutating func below(_ bound: Int) -> Int { next() % bound }
}
