// SPDX-License-Identifier: Apache-2.0

import Contents
import Foundation
import Shards
import Sweeps
import Transfers

/// A data set on its way into the host's cache: locks, manifest, room, shards, and the manifest's name last of all.
final class DatasetFetch {
  enum Outcome {
    case holds(folder: String, FileLock)
    case failed(String)
  }

  private enum Stage {
    /// Another process may be fetching it: it is asked again then.
    case locking(next: Tick)
    case manifest(Download, FileLock)
    case shards(Download, FileLock)
    case over
  }

  static let lockMilliseconds: Int64 = 200

  let dataset: ContentDigest
  private let cache: ContentCache
  /// Hold every file against its digest first.
  private let mends: Bool
  private var use: FileLock?
  private var stage = Stage.locking(next: Tick(milliseconds: 0))
  private(set) var outcome: Outcome?

  init(_ dataset: ContentDigest, _ cache: ContentCache, mends: Bool = false) {
    self.dataset = dataset
    self.cache = cache
    self.mends = mends
  }

  private var folder: String { cache.folder(of: dataset) }
  private var draft: String { folder + "/.manifest" }

  var progress: (kept: Int64, total: Int64)? {
    if case .shards(let download, _) = stage { download.progress } else { nil }
  }

  func handle(_ event: Transfer, _ bytes: [UInt8] = [], at now: Tick) -> [BulkMessage.Body] {
    do {
      return try step(event, bytes, at: now)
    } catch {
      return fail("\(error)")
    }
  }

  func pause() {
    switch stage {
    case .manifest(let download, _), .shards(let download, _): download.pause()
    case .locking, .over: break
    }
  }

  private func step(_ event: Transfer, _ bytes: [UInt8], at now: Tick) throws -> [BulkMessage.Body] {
    switch stage {
    case .over: return []
    case .locking(let next):
      guard now >= next else { return [] }
      stage = .locking(next: now + Self.lockMilliseconds)
      return try begin(at: now)
    case .manifest(let download, let lock):
      let bodies = try download.handle(event, bytes, at: now)
      guard let end = download.end else { return bodies }
      guard end == .done else { return fail("its manifest did not come: \(end)") }
      return try bodies + beginShards(lock, at: now)
    case .shards(let download, let lock):
      let bodies = try download.handle(event, bytes, at: now)
      guard let end = download.end else { return bodies }
      guard end == .done else { return fail("its shards did not come: \(end)") }
      guard rename(draft, "\(folder)/\(ContentCache.manifestName)") == 0 else {
        return fail("its manifest could not be named: \(String(cString: strerror(errno)))")
      }
      withExtendedLifetime(lock) { finish() }
      return bodies
    }
  }

  private func begin(at now: Tick) throws -> [BulkMessage.Body] {
    // In use before it is looked at: nobody removes it from here on.
    if use == nil { use = try cache.lockForUse(dataset) }
    guard use != nil else { return [] }
    if !mends, cache.isWhole(dataset) {
      finish()
      return []
    }
    guard let lock = try cache.lockForFetch(dataset) else { return [] }
    if !mends, cache.isWhole(dataset) {
      finish()
      return []
    }
    try cache.makeFolder(of: dataset)
    if mends { try removeDamaged() }
    let download = try Download([
      Download.Target(
        digest: dataset, byteCount: nil, byteCountMax: Int64(Manifest.byteCountMax), path: draft,
        partialPath: draft + ".part")
    ])
    stage = .manifest(download, lock)
    return try download.handle(.start, at: now)
  }

  /// What is not as the manifest says is fetched again. A manifest that is damaged itself is fetched first, and then says
  /// which shards are there.
  private func removeDamaged() throws {
    let path = "\(folder)/\(ContentCache.manifestName)"
    if let file = try? SourceFile(path: path), try file.digest() == dataset {
      let bytes = try file.read(at: 0, length: Int(file.byteCount))
      for entry in try Manifest(json: bytes, path: path).files {
        let shard = "\(folder)/\(entry.name)"
        guard let file = try? SourceFile(path: shard) else { continue }
        let isSound = try file.byteCount == entry.byteCount && file.digest() == entry.sha256
        if !isSound { unlink(shard) }
      }
    }
    try cache.forgetWhole(dataset)
  }

  private func beginShards(_ lock: FileLock, at now: Tick) throws -> [BulkMessage.Body] {
    let file = try SourceFile(path: draft)
    let manifest = try Manifest(json: try file.read(at: 0, length: Int(file.byteCount)), path: draft)
    let byteCount = manifest.files.reduce(file.byteCount) { $0 + $1.byteCount }
    guard try cache.makeRoom(for: dataset, byteCount: byteCount) else {
      return fail(
        "its \(byteCount) bytes do not fit the cache's quota of \(cache.quotaBytes) beside what is in use; "
          + "raise --cache-quota")
    }
    let missing = manifest.files.filter { entry in
      (try? SourceFile(path: "\(folder)/\(entry.name)"))?.byteCount != entry.byteCount
    }
    let download = try Download(
      missing.map { entry in
        Download.Target(
          digest: entry.sha256, byteCount: entry.byteCount, byteCountMax: entry.byteCount,
          path: "\(folder)/\(entry.name)", partialPath: "\(folder)/.\(entry.name).part")
      })
    stage = .shards(download, lock)
    let bodies = try download.handle(.start, at: now)
    // All of them were there already.
    return download.end == nil ? bodies : try step(.tick, [], at: now)
  }

  private func finish() {
    stage = .over
    if let use { outcome = .holds(folder: folder, use) }
  }

  private func fail(_ reason: String) -> [BulkMessage.Body] {
    pause()
    stage = .over
    outcome = .failed("data set \(dataset.hex.prefix(12))…: \(reason)")
    return []
  }
}
