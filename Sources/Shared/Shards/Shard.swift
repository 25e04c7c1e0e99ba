// SPDX-License-Identifier: Apache-2.0

import Crypto
import Sweeps

/// What of a row's numbers: learners read one of the two.
package enum DatasetPart: String, CaseIterable, Hashable, Sendable {
  case tabular, sequence
}

/// When the bytes of a data set are held against their digests.
package enum VerificationScope: Hashable, Sendable {
  /// All of them, when it is opened.
  case everything
  /// The rows that `Dataset.verify` names, when it names them. A data set of format 1 has no digests of rows: everything.
  case rowsOnDemand
}

/// One mapped shard, of which nothing is handed out that was not verified.
///
/// `@unchecked`: the pointers lead into `file`'s read-only mapping, which lives as long as `self`.
final class Shard: @unchecked Sendable {
  let rowCount: Int
  private let file: MappedFile
  private let tabular: UnsafeBufferPointer<Float>
  private let sequence: UnsafeBufferPointer<Float>
  private let columnCount: Int
  private let valuesPerSequence: Int
  /// [N × 64]; empty in format 1.
  private let digests: UnsafeRawBufferPointer
  /// nil: every byte of the file was verified.
  private let verified: (tabular: RowMarks, sequence: RowMarks)?
  /// Read once, at opening: a few bytes a row.
  let labels: [Float]
  /// [N × K]
  let further: [Float]
  let groups: [Int64]
  let rowIDs: [Int64]

  /// Checks size and SHA-256, of the whole file or of what is said about its rows. libhdf5 sees the file only after the former,
  /// and is not needed after the latter: the manifest says where each dataset lies.
  init(
    _ entry: ShardFile, of manifest: Manifest, directory: String, scope: VerificationScope = .everything
  ) throws(ShardError) {
    let layout = ShardLayout(
      format: manifest.format, rowCount: entry.rowCount, columnCount: manifest.columns.count,
      stepCount: manifest.stepCount, channelCount: manifest.channels.count, furtherCount: manifest.further.count)
    file = try Self.sized(entry, directory: directory)
    if scope == .everything || entry.index == nil { try Self.verify(file, entry) }
    let offsets = try Self.offsets(entry, layout, in: file, scope: scope)
    let bytes = try layout.bytes(at: offsets, in: file)
    if let index = entry.index {
      let digest = bytes.rowsDigest
      guard digest == index.sha256 else {
        throw Self.mismatch(file.path, "labels, groups and digests of its rows", index.sha256.hex, digest.hex)
      }
    }
    rowCount = entry.rowCount
    columnCount = layout.columnCount
    valuesPerSequence = layout.stepCount * layout.channelCount
    func values<Value>(_ dataset: ShardDataset, _ type: Value.Type) -> UnsafeBufferPointer<Value> {
      (bytes[dataset] ?? UnsafeRawBufferPointer(start: nil, count: 0)).bindMemory(to: type)
    }
    func integers(_ dataset: ShardDataset) -> [Int64] {
      guard let raw = bytes[dataset] else { return [] }
      return (0..<entry.rowCount).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self) }
    }
    tabular = values(.tabular, Float.self)
    sequence = values(.sequence, Float.self)
    digests = UnsafeRawBufferPointer(values(.digest, UInt8.self))
    labels = Array(values(.label, Float.self))
    further = Array(values(.further, Float.self))
    groups = integers(.group)
    rowIDs = integers(.rowID)
    let isWhole = scope == .everything || entry.index == nil
    verified = isWhole ? nil : (RowMarks(count: entry.rowCount), RowMarks(count: entry.rowCount))
  }

  private static func sized(_ entry: ShardFile, directory: String) throws(ShardError) -> MappedFile {
    let file = try MappedFile(path: directory + "/" + entry.name)
    guard Int64(file.byteCount) == entry.byteCount else {
      throw ShardError(
        .sizeMismatch, path: file.path, expected: "\(entry.byteCount) bytes", found: "\(file.byteCount) bytes",
        advice: "fetch the shard or " + ShardError.prepareAgain)
    }
    return file
  }

  private static func verify(_ file: MappedFile, _ entry: ShardFile) throws(ShardError) {
    let digest = file.digest
    guard digest == entry.sha256 else { throw mismatch(file.path, "", entry.sha256.hex, digest.hex) }
  }

  private static func mismatch(_ path: String, _ subject: String, _ expected: String, _ found: String) -> ShardError {
    ShardError(
      .digestMismatch, path: path, subject: subject, expected: "SHA-256 \(expected)", found: "SHA-256 \(found)",
      advice: "the file was changed or damaged: fetch it or " + ShardError.prepareAgain)
  }

  private static func offsets(
    _ entry: ShardFile, _ layout: ShardLayout, in file: MappedFile, scope: VerificationScope
  ) throws(ShardError) -> [Int] {
    if scope == .rowsOnDemand, let index = entry.index { return index.offsets }
    let offsets = try ShardFileReader.locate(layout, in: file)
    guard let index = entry.index, index.offsets != offsets else { return offsets }
    throw ShardError(
      .shapeMismatch, path: file.path, subject: "offsets", expected: "\(index.offsets) as in the manifest",
      found: "\(offsets)", advice: ShardError.prepareAgain)
  }

  private func values(_ part: DatasetPart, _ i: Int) -> UnsafeBufferPointer<Float> {
    precondition(i >= 0 && i < rowCount, "row \(i) of a shard of \(rowCount)")
    let (all, width) = part == .tabular ? (tabular, columnCount) : (sequence, valuesPerSequence)
    return UnsafeBufferPointer(rebasing: all[i * width..<(i + 1) * width])
  }

  /// Holds a row against its digest, unless that was done before.
  func verify(_ part: DatasetPart, row i: Int) throws(ShardError) {
    let marks = part == .tabular ? verified?.tabular : verified?.sequence
    if digests.isEmpty || marks?.contains(i) == true { return }
    let bytes = UnsafeRawBufferPointer(values(part, i))
    let start = (2 * i + (part == .tabular ? 0 : 1)) * SHA256.byteCount
    let digest = UnsafeRawBufferPointer(rebasing: digests[start..<start + SHA256.byteCount])
    guard bytes.hasSHA256(digest) else {
      throw Self.mismatch(
        file.path, "\(part.rawValue) values of its row \(i)", ContentDigest(bytes: digest).hex, bytes.sha256.hex)
    }
    marks?.insert(i)
  }

  func tabularRow(_ i: Int) -> UnsafeBufferPointer<Float> {
    precondition(verified?.tabular.contains(i) ?? true, "row \(i) is read before it was verified")
    return values(.tabular, i)
  }

  func sequenceRow(_ i: Int) -> UnsafeBufferPointer<Float> {
    precondition(verified?.sequence.contains(i) ?? true, "row \(i) is read before it was verified")
    return values(.sequence, i)
  }
}
