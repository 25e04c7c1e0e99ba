// SPDX-License-Identifier: Apache-2.0

package import Sweeps
import Synchronization

/// A data set for one outcome, opened: mapped, never changed, and no row handed out that was not held against its digest.
///
/// Lay-out on disk: `DIR/<outcome>/{manifest.json, shard-0000.h5, …}`. N rows, F tabular columns, T hourly steps of C
/// channels; NaN where nothing is known. Rows are numbered from 0 over all shards, in the manifest's order.
package final class Dataset: Sendable {
  package let directory: String
  package let manifest: Manifest
  /// SHA-256 of the bytes of `manifest.json`, and by that of every byte of the data set.
  package let digest: ContentDigest
  /// [N]; 0 or 1, or the regression's target. Finite.
  package let labels: [Float]
  /// [N × K], K the outcomes of `manifest.further`; NaN where not known.
  private let further: [Float]
  /// [N]; the patient of each row. Folds never part a group.
  package let groups: [Int64]
  /// [N]
  package let rowIDs: [Int64]
  private let shards: [Shard]
  /// First row of each shard.
  private let starts: [Int]
  private let damage = Atomic(false)

  package var rowCount: Int { manifest.rowCount }
  package var columnCount: Int { manifest.columns.count }
  package var stepCount: Int { manifest.stepCount }
  package var channelCount: Int { manifest.channels.count }

  /// Complexity: one pass over all bytes, for their SHA-256; with `.rowsOnDemand` over 84 bytes a row and 4 a further label.
  /// - Throws: `ShardError`; a shard whose bytes are not the manifest's is named with both hashes.
  package init(directory: String, scope: VerificationScope = .everything) throws(ShardError) {
    let (manifest, digest) = try Manifest.read(directory: directory)
    var shards: [Shard] = []
    var starts: [Int] = []
    var labels: [Float] = []
    var further: [Float] = []
    var groups: [Int64] = []
    var rowIDs: [Int64] = []
    for entry in manifest.files {
      let shard = try Shard(entry, of: manifest, directory: directory, scope: scope)
      starts.append(labels.count)
      shards.append(shard)
      labels += shard.labels
      further += shard.further
      groups += shard.groups
      rowIDs += shard.rowIDs
    }
    self.directory = directory
    self.manifest = manifest
    self.digest = digest
    self.labels = labels
    self.further = further
    self.groups = groups
    self.rowIDs = rowIDs
    self.shards = shards
    self.starts = starts
    try checkRows()
  }

  private func checkRows() throws(ShardError) {
    let isBinary = manifest.outcome.isBinary
    if let row = labels.firstIndex(where: { isBinary ? $0 != 0 && $0 != 1 : !$0.isFinite }) {
      throw ShardError(
        .rowInvalid, path: directory, subject: "row \(row), label", expected: isBinary ? "0 or 1" : "a finite number",
        found: "something else", advice: ShardError.prepareAgain)
    }
    let kinds = manifest.further.map(\.outcome.isBinary)
    if let place = further.indices.first(where: { !further[$0].isLabel(isBinary: kinds[$0 % kinds.count]) }) {
      let (row, label) = place.quotientAndRemainder(dividingBy: kinds.count)
      throw ShardError(
        .rowInvalid, path: directory, subject: "row \(row), further label \(manifest.further[label].outcome.rawValue)",
        expected: Float.labelText(isBinary: kinds[label]), found: "something else", advice: ShardError.prepareAgain)
    }
    let patientCount = Set(groups).count
    guard patientCount == manifest.patientCount else {
      throw ShardError(
        .shapeMismatch, path: directory, subject: "patients", expected: "\(manifest.patientCount)",
        found: "\(patientCount) distinct groups", advice: ShardError.prepareAgain)
    }
  }

  /// Holds rows against their digests, each once, and reads no others. With `.rowsOnDemand` it comes before their first use.
  ///
  /// - Throws: `.digestMismatch`, which names shard and row.
  package func verify(_ part: DatasetPart, rows: some Sequence<Int>) throws(ShardError) {
    for row in rows {
      let shard = shardIndex(ofRow: row)
      do throws(ShardError) {
        try shards[shard].verify(part, row: row - starts[shard])
      } catch {
        damage.store(true, ordering: .relaxed)
        throw error
      }
    }
  }

  /// Whether a row was found that is not as promised.
  package var isDamaged: Bool { damage.load(ordering: .relaxed) }

  /// [F] of one row, in the mapping. Valid as long as the data set lives. Trap: a row that was not verified.
  package func tabularRow(_ i: Int) -> UnsafeBufferPointer<Float> {
    let shard = shardIndex(ofRow: i)
    return shards[shard].tabularRow(i - starts[shard])
  }

  /// [T × C] of one row, step by step, in the mapping. Valid as long as the data set lives. Trap: a row that was not verified.
  package func sequenceRow(_ i: Int) -> UnsafeBufferPointer<Float> {
    let shard = shardIndex(ofRow: i)
    return shards[shard].sequenceRow(i - starts[shard])
  }

  /// A label of outcome `manifest.further[place]`, at the row's own index time; NaN where it is not known.
  package func furtherLabel(_ place: Int, row: Int) -> Float {
    precondition(manifest.further.indices.contains(place), "further label \(place) of \(manifest.further.count)")
    return further[row * manifest.further.count + place]
  }

  private func shardIndex(ofRow i: Int) -> Int {
    var low = 0
    var high = starts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= i { low = middle } else { high = middle - 1 }
    }
    return low
  }
}

extension Manifest {
  /// A directory's manifest and the digest that names its data set. Shards are not looked at.
  package static func read(directory: String) throws(ShardError) -> (Manifest, ContentDigest) {
    let path = directory + "/" + fileName
    let bytes: [UInt8]
    do throws(ShardError) {
      bytes = try SystemFiles.read(path, byteCountMax: byteCountMax)
    } catch  where error.code == .fileMissing {
      throw ShardError(
        .manifestMissing, path: directory, expected: "a data set with its \(fileName)", found: "none",
        advice: "name the directory of one outcome, or prepare the data set")
    }
    let digest = bytes.withUnsafeBytes { $0.sha256 }
    return (try Manifest(json: bytes, path: path), digest)
  }
}
