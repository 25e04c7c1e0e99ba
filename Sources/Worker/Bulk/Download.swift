// SPDX-License-Identifier: Apache-2.0

import Contents
import Sweeps
import Transfers

/// Contents on their way to files of a folder, one behind the other. Used on one thread.
final class Download {
  struct Target {
    let digest: ContentDigest
    /// `nil`: it says itself, but is at most `byteCountMax`.
    let byteCount: Int64?
    let byteCountMax: Int64
    let path: String
    /// The beginning, until it is whole.
    let partialPath: String
  }

  private let targets: [Target]
  private var partials: [Int: PartialFile] = [:]
  private var fetch: ContentFetch
  private(set) var end: ContentFetch.End?

  /// Goes on from what is there of them.
  init(_ targets: [Target]) throws(ContentError) {
    self.targets = targets
    var items: [ContentFetch.Item] = []
    for (index, target) in targets.enumerated() {
      var keptCount: Int64 = 0
      if SourceFile.isThere(target.partialPath) {
        let partial = try PartialFile(path: target.partialPath)
        if partial.byteCount > target.byteCount ?? target.byteCountMax { try partial.startOver() }
        keptCount = partial.byteCount
        partials[index] = partial
      }
      items.append(
        ContentFetch.Item(
          digest: target.digest, byteCount: target.byteCount, byteCountMax: target.byteCountMax, keptCount: keptCount))
    }
    fetch = ContentFetch(items)
  }

  /// Bytes that are on the disk, and bytes of all.
  var progress: (kept: Int64, total: Int64) {
    fetch.items.reduce((0, 0)) { ($0.0 + $1.keptCount, $0.1 + ($1.byteCount ?? 0)) }
  }

  func handle(
    _ event: ContentFetch.Event, _ bytes: [UInt8] = [], at now: Tick
  ) throws(ContentError) -> [BulkMessage.Body] {
    var bodies: [BulkMessage.Body] = []
    var directives = fetch.handle(event, at: now)
    while !directives.isEmpty {
      switch directives.removeFirst() {
      case .want(let range, let isFresh): bodies.append(.want(range, isFresh: isFresh))
      case .keep(let item): try partial(item).append(bytes)
      case .check(let item): directives += fetch.handle(.checked(isSound: try name(item)), at: now)
      case .startOver(let item): try partial(item).startOver()
      case .end(let end): self.end = end
      }
    }
    return bodies
  }

  /// What has come so far is kept for whoever goes on.
  func pause() {
    // A mark that cannot be written costs some bytes that are fetched again.
    for partial in partials.values { try? partial.mark() }
  }

  private func partial(_ item: Int) throws(ContentError) -> PartialFile {
    if let partial = partials[item] { return partial }
    let partial = try PartialFile(path: targets[item].partialPath)
    // A beginning that came to be since: not counted when this began.
    if partial.byteCount > 0 { try partial.startOver() }
    partials[item] = partial
    return partial
  }

  private func name(_ item: Int) throws(ContentError) -> Bool {
    let partial = try partial(item)
    guard partial.isSound(targets[item].digest) else { return false }
    // Not synced: rows are held against their digests before they are used, and what is torn is fetched again.
    try partial.finish(as: targets[item].path, isDurable: false)
    partials[item] = nil
    return true
  }
}
