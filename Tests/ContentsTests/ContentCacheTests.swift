// SPDX-License-Identifier: Apache-2.0

import Contents
import Foundation
import Sweeps
import Testing

@Suite struct ContentCacheTests {
  private func withCache(_ quotaBytes: Int64, _ body: (ContentCache) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "cache-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(try ContentCache(directory: folder, quotaBytes: quotaBytes))
  }

  private func digest(_ number: UInt8) -> ContentDigest { ContentDigest(bytes: repeatElement(number, count: 32)) }

  /// A data set of 64 KiB, used now.
  private func put(_ number: UInt8, in cache: ContentCache) throws {
    let dataset = digest(number)
    try cache.makeFolder(of: dataset)
    try Data(repeating: number, count: 1 << 16).write(
      to: URL(fileURLWithPath: cache.folder(of: dataset) + "/shard-0000.h5"))
    try Data([number]).write(to: URL(fileURLWithPath: cache.folder(of: dataset) + "/manifest.json"))
    #expect(try cache.lockForUse(dataset) != nil)
    Thread.sleep(forTimeInterval: 0.01)
  }

  /// In real life: a host's cache is full of last month's data sets.
  @Test func room_isMadeByTheOnesUsedLongestAgo() throws {
    try withCache(250_000) { cache in
      for number in 1...3 as ClosedRange<UInt8> { try put(number, in: cache) }
      #expect(try cache.lockForUse(digest(1)) != nil, "used again just now")
      #expect(try cache.makeRoom(for: digest(9), byteCount: 100_000))
      #expect(cache.isWhole(digest(1)) && !cache.isWhole(digest(2)) && cache.isWhole(digest(3)))
      #expect(!FileManager.default.fileExists(atPath: cache.folder(of: digest(2))))
    }
  }

  /// Never what is in use, or on its way: the quota gives way by refusing, not by taking a running fold's data.
  @Test func whatIsInUse_stays() throws {
    try withCache(150_000) { cache in
      try put(1, in: cache)
      try put(2, in: cache)
      let using = try cache.lockForUse(digest(1))
      let fetching = try cache.lockForFetch(digest(2))
      #expect(try !cache.makeRoom(for: digest(9), byteCount: 100_000))
      #expect(cache.isWhole(digest(1)) && cache.isWhole(digest(2)))
      withExtendedLifetime((using, fetching)) {}
    }
    try withCache(150_000) { cache in
      try put(1, in: cache)
      #expect(try cache.makeRoom(for: digest(9), byteCount: 140_000), "the lock went with its holder")
      #expect(!cache.isWhole(digest(1)))
      #expect(try !cache.makeRoom(for: digest(9), byteCount: 151_000), "more than all there is")
    }
  }

  /// In real life: eight workers start on one host, and one fetches.
  @Test func fetching_isForOneAtATime() throws {
    try withCache(1) { cache in
      var first = try cache.lockForFetch(digest(1))
      #expect(first != nil)
      #expect(try cache.lockForFetch(digest(1)) == nil)
      #expect(try cache.lockForFetch(digest(2)) != nil)
      first = nil
      #expect(try cache.lockForFetch(digest(1)) != nil, "it died: the next one takes over")
    }
  }
}
