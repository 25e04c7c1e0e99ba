// SPDX-License-Identifier: Apache-2.0

import Randomness
import Testing
import WireProtocol

@Suite struct MutationTests {
  /// I12. Goal: no byte string crashes a decoder, and what it takes it can say again, to the byte. Method: 200,000 mutations
  /// (flips, cuts, insertions, splices, long runs) of valid messages, each read as both directions.
  @Test func mutatedMessage_isRefused_orComesBackEqual() throws {
    #if DEBUG
      let roundCount = 10_000
    #else
      let roundCount = 200_000
    #endif
    let corpus = Samples.worker.map(encode) + Samples.coordinator.map(encode) + Samples.bulk.map(encode)
    var random = CounterGenerator(key: 2_024)
    var acceptedCount = 0
    for round in 0..<roundCount {
      var bytes = corpus[random.below(corpus.count)]
      for _ in 0...random.below(4) { mutate(&bytes, corpus, &random) }
      if let message = try? decodeWorkerMessage(bytes) {
        acceptedCount += 1
        let again = encode(message)
        // Bytes, not values: NaN is not equal to itself.
        if encode(try decodeWorkerMessage(again)) != again { Issue.record("round \(round): \(bytes)") }
      }
      if let message = try? decodeCoordinatorMessage(bytes) {
        acceptedCount += 1
        let again = encode(message)
        if encode(try decodeCoordinatorMessage(again)) != again { Issue.record("round \(round): \(bytes)") }
      }
    }
    #expect(acceptedCount > roundCount / 50, "the mutations are too coarse to get past the parser")
  }

  /// In real life: a peer sends the most expensive megabyte that it can think of. Method: the widest lists of the smallest
  /// items; what counts is that they are refused, and the largest nesting with them.
  @Test func widestMessages_areRefused() {
    for tag in [0x42, 0x3A, 0x4A, 0x52] as [UInt8] {
      let items = [UInt8]((0..<500_000).flatMap { _ in [tag, 0] })
      #expect(throws: WireError.self) { try decodeWorkerMessage(Self.envelope(field: 10, items)) }
      #expect(throws: WireError.self) { try decodeWorkerMessage(Self.envelope(field: 12, items)) }
    }
    var nested: [UInt8] = []
    for _ in 0..<5_000 { nested = [0x0A] + Self.varint(nested.count) + nested }
    #expect(throws: WireError.self) { try decodeWorkerMessage(Self.envelope(field: 11, nested)) }
  }

  private static func envelope(field: Int, _ body: [UInt8]) -> [UInt8] {
    [0x08, 1, 0x1A, 16] + [UInt8](repeating: 1, count: 16) + varint(field << 3 | 2) + varint(body.count) + body
  }

  private static func varint(_ value: Int) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
  }

  private func mutate(_ bytes: inout [UInt8], _ corpus: [[UInt8]], _ random: inout CounterGenerator) {
    guard !bytes.isEmpty else { return }
    let position = random.below(bytes.count)
    switch random.below(6) {
    case 0: bytes[position] ^= 1 << UInt8(random.below(8))
    case 1: bytes.removeSubrange(position..<min(bytes.count, position + 1 + random.below(8)))
    case 2: bytes.insert(UInt8(random.below(256)), at: position)
    case 3: bytes[position] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)]
    case 4: bytes.insert(contentsOf: [UInt8](repeating: 0xFF, count: random.below(12)), at: position)
    default:
      let other = corpus[random.below(corpus.count)]
      bytes.replaceSubrange(position..., with: other.suffix(random.below(other.count + 1)))
    }
  }
}
