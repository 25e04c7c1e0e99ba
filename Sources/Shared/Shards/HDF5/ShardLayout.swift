// SPDX-License-Identifier: Apache-2.0

import Crypto
import Sweeps

/// Which datasets a shard has and how long they are: what a manifest promises of a file.
struct ShardLayout: Hashable, Sendable {
  let format: Int
  let rowCount: Int
  let columnCount: Int
  let stepCount: Int
  let channelCount: Int
  /// K; 0 before format 3.
  var furtherCount = 0

  /// In the order in which they lie in the file.
  var datasets: [ShardDataset] { Self.datasets(format: format) }

  static func datasets(format: Int) -> [ShardDataset] {
    switch format {
    case 1: [.tabular, .sequence, .label, .group, .rowID]
    case 2: [.tabular, .sequence, .label, .group, .rowID, .digest]
    default: ShardDataset.allCases
    }
  }

  func shape(of dataset: ShardDataset) -> [Int] {
    switch dataset {
    case .tabular: [rowCount, columnCount]
    case .sequence: [rowCount, stepCount, channelCount]
    case .label, .group, .rowID: [rowCount]
    case .digest: [rowCount, 2 * SHA256.byteCount]
    case .further: [rowCount, furtherCount]
    }
  }

  /// The bytes of a dataset that is said to start at `start`, if they can be there.
  func range(of dataset: ShardDataset, at start: Int, in file: MappedFile) throws(ShardError) -> Range<Int> {
    func fail(_ code: ShardError.Code, _ expected: String, _ found: String) -> ShardError {
      ShardError(
        code, path: file.path, subject: dataset.rawValue, expected: expected, found: found,
        advice: ShardError.prepareAgain)
    }
    var byteCount = dataset.elementByteCount
    for length in shape(of: dataset) {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: length)
      guard !overflow else { throw fail(.sizeMismatch, "a size that can be addressed", "\(shape(of: dataset))") }
      byteCount = product
    }
    guard start >= 0, start <= file.byteCount, byteCount <= file.byteCount - start else {
      throw fail(.sizeMismatch, "\(byteCount) bytes inside the file", "a run that ends behind it")
    }
    guard start % MemoryLayout<Float>.alignment == 0 else {
      throw fail(.layoutUnusable, "an offset that is a multiple of 4", "\(start)")
    }
    return start..<(start + byteCount)
  }

  /// - Parameter offsets: of `datasets`, in their order.
  func bytes(at offsets: [Int], in file: MappedFile) throws(ShardError) -> [ShardDataset: UnsafeRawBufferPointer] {
    var found: [ShardDataset: UnsafeRawBufferPointer] = [:]
    for (dataset, offset) in zip(datasets, offsets) {
      let range = try range(of: dataset, at: offset, in: file)
      found[dataset] = UnsafeRawBufferPointer(rebasing: file.bytes[range])
    }
    return found
  }
}

extension [ShardDataset: UnsafeRawBufferPointer] {
  /// SHA-256 of what is said about every row: labels, groups, identifiers, digests and further labels, one dataset after another.
  var rowsDigest: ContentDigest {
    var hash = SHA256()
    for dataset in [ShardDataset.label, .group, .rowID, .digest, .further] {
      if let bytes = self[dataset] { hash.update(bufferPointer: bytes) }
    }
    return ContentDigest(bytes: hash.finalize())
  }
}

extension UnsafeRawBufferPointer {
  /// The 32 bytes of their SHA-256, behind those that are there.
  func appendSHA256(to bytes: inout [UInt8]) {
    var hash = SHA256()
    hash.update(bufferPointer: self)
    bytes.append(contentsOf: hash.finalize())
  }

  /// - Parameter digest: 32 bytes.
  func hasSHA256(_ digest: UnsafeRawBufferPointer) -> Bool {
    var hash = SHA256()
    hash.update(bufferPointer: self)
    return hash.finalize().withUnsafeBytes { $0.elementsEqual(digest) }
  }
}
