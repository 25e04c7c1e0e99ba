// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// One shard being written, synced and hashed on another core, while the next one's rows are taken in.
///
/// `@unchecked`: `result` is set by the one block before it leaves the group, and read behind `wait`.
final class ShardJob: @unchecked Sendable {
  private let group = DispatchGroup()
  private var result: Result<ShardFile, ShardError>?

  init(_ block: ShardFileWriter.Block, _ layout: ShardLayout, directory: String, name: String) {
    DispatchQueue.global().async(group: group) {
      self.result = Result { () throws(ShardError) in try Self.write(block, layout, "\(directory)/\(name)", name) }
    }
  }

  /// Waits for its end. To be called before what it writes to goes.
  func file() throws(ShardError) -> ShardFile {
    group.wait()
    guard let result else { preconditionFailure("a shard's job left its group without a result") }
    return try result.get()
  }

  private static func write(
    _ block: ShardFileWriter.Block, _ layout: ShardLayout, _ path: String, _ name: String
  ) throws(ShardError) -> ShardFile {
    try ShardFileWriter.write(block, layout, to: path)
    try SystemFiles.sync(path)
    let written = try MappedFile(path: path)
    let offsets = try ShardFileReader.locate(layout, in: written)
    let index = ShardIndex(offsets: offsets, sha256: try layout.bytes(at: offsets, in: written).rowsDigest)
    return ShardFile(
      name: name, sha256: written.digest, byteCount: Int64(written.byteCount), rowCount: layout.rowCount, index: index)
  }
}
