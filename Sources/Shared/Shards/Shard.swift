// SPDX-License-Identifier: Apache-2.0

/// One verified, mapped shard.
///
/// `@unchecked`: the pointers lead into `file`'s read-only mapping, which lives as long as `self`.
final class Shard: @unchecked Sendable {
  let rowCount: Int
  private let file: MappedFile
  private let tabular: UnsafePointer<Float>
  private let sequence: UnsafePointer<Float>
  private let columnCount: Int
  private let valuesPerSequence: Int
  /// Read once, at opening: a few bytes a row.
  let labels: [Float]
  let groups: [Int64]
  let rowIDs: [Int64]

  /// Checks size and SHA-256 against the manifest, and only then lets libhdf5 see the file.
  init(_ entry: ShardFile, of manifest: Manifest, directory: String) throws(ShardError) {
    file = try Self.verified(entry, directory: directory)
    rowCount = entry.rowCount
    columnCount = manifest.columns.count
    valuesPerSequence = manifest.stepCount * manifest.channels.count
    let offsets = try ShardFileReader.locate(
      in: file, rowCount: rowCount, columnCount: columnCount, stepCount: manifest.stepCount,
      channelCount: manifest.channels.count)
    let base = file.bytes
    func offset(_ dataset: ShardDataset) -> Int { offsets[ShardDataset.allCases.firstIndex(of: dataset) ?? 0] }
    func floats(_ dataset: ShardDataset, count: Int) -> UnsafePointer<Float> {
      let start = offset(dataset)
      let bytes = UnsafeRawBufferPointer(rebasing: base[start..<start + count * 4])
      return UnsafePointer(bytes.bindMemory(to: Float.self).baseAddress!)
    }
    func integers(_ dataset: ShardDataset) -> [Int64] {
      (0..<entry.rowCount).map { base.loadUnaligned(fromByteOffset: offset(dataset) + 8 * $0, as: Int64.self) }
    }
    tabular = floats(.tabular, count: rowCount * columnCount)
    sequence = floats(.sequence, count: rowCount * valuesPerSequence)
    labels = Array(UnsafeBufferPointer(start: floats(.label, count: rowCount), count: rowCount))
    groups = integers(.group)
    rowIDs = integers(.rowID)
  }

  /// The file named in the manifest, mapped, if its bytes are the promised ones.
  static func verified(_ entry: ShardFile, directory: String) throws(ShardError) -> MappedFile {
    let file = try MappedFile(path: directory + "/" + entry.name)
    guard Int64(file.byteCount) == entry.byteCount else {
      throw ShardError(
        .sizeMismatch, path: file.path, expected: "\(entry.byteCount) bytes", found: "\(file.byteCount) bytes",
        advice: "fetch the shard or " + ShardError.prepareAgain)
    }
    let digest = file.digest
    guard digest == entry.sha256 else {
      throw ShardError(
        .digestMismatch, path: file.path, expected: "SHA-256 \(entry.sha256)", found: "SHA-256 \(digest)",
        advice: "the file was changed or damaged: fetch it or " + ShardError.prepareAgain)
    }
    return file
  }

  func tabularRow(_ i: Int) -> UnsafeBufferPointer<Float> {
    precondition(i >= 0 && i < rowCount, "row \(i) of a shard of \(rowCount)")
    return UnsafeBufferPointer(start: tabular + i * columnCount, count: columnCount)
  }

  func sequenceRow(_ i: Int) -> UnsafeBufferPointer<Float> {
    precondition(i >= 0 && i < rowCount, "row \(i) of a shard of \(rowCount)")
    return UnsafeBufferPointer(start: sequence + i * valuesPerSequence, count: valuesPerSequence)
  }
}
