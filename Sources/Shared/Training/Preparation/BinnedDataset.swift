// SPDX-License-Identifier: Apache-2.0

import Boosters
import Crypto
import Hyperparameters
import Shards
import Sweeps

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A data set binned as a whole (`bins_from: all`), kept as a file beside its shards: the first task writes it, every
/// other trial, fold and process maps it and shares its pages.
///
/// The file is named by the data set's digest, the number of bins, the rows that are left out and the categorical columns,
/// written under another name and renamed, so that a reader sees all of it or none. A damaged file is made anew; where the folder cannot be written, each
/// process keeps its own bins, equal to the last bit.
struct BinnedDataset {
  private let dataset: Dataset
  /// Ascending; the test set, whose values must not bound a bin.
  private let leftOut: [Int]

  init(_ dataset: Dataset, without leftOut: [Int]) {
    self.dataset = dataset
    self.leftOut = leftOut
  }

  /// Where rows of the data set stand in the matrix.
  func positions(of rows: [Int]) -> [Int] {
    guard !leftOut.isEmpty else { return rows }
    var positions = [Int](repeating: -1, count: dataset.rowCount)
    for (position, row) in FoldRows.rest(of: dataset.rowCount, without: leftOut).enumerated() {
      positions[row] = position
    }
    return rows.map { positions[$0] }
  }

  func matrix(_ options: BoosterOptions, categorical: Set<Int>, gather: ([Int]) -> [Float]) -> BinnedMatrix {
    let kind = "\(options.binCountMax).\(options.binRowsMin)"
    let marks = mark("", leftOut) + mark("c", categorical.sorted())
    let path = "\(dataset.directory)/\(dataset.digest).\(kind)\(marks).bins"
    if let found = Self.mapped(path) { return found }
    // Workers that start together: one bins, the others wait for it and map what it made.
    let turn = BinningTurn(dataset.directory)
    defer { withExtendedLifetime(turn) {} }
    if let found = Self.mapped(path) { return found }
    let rows = FoldRows.rest(of: dataset.rowCount, without: leftOut)
    let matrix = gather(rows).withUnsafeBufferPointer { values in
      BinnedMatrix(
        binning: values, rowCount: rows.count, columnCount: dataset.columnCount, binCountMax: options.binCountMax,
        rowsPerBinMin: options.binRowsMin, categoricalColumns: categorical)
    }
    Self.keep(matrix, at: path)
    // The one on the disk is every process's; this one's own copy goes.
    return Self.mapped(path) ?? matrix
  }

  private static func mapped(_ path: String) -> BinnedMatrix? {
    MappedBins(path: path).flatMap { file in try? BinnedMatrix(mapping: file.bytes, owner: file) }
  }

  /// Of numbers that the bins depend on; none where there are none.
  private func mark(_ kind: String, _ numbers: [Int]) -> String {
    guard !numbers.isEmpty else { return "" }
    let text = numbers.map(String.init).joined(separator: ",")
    return ".\(kind)" + ContentDigest(bytes: SHA256.hash(data: Array(text.utf8))).hex.prefix(16)
  }

  private static func keep(_ matrix: BinnedMatrix, at path: String) {
    let draft = "\(path).\(getpid())"
    guard let file = fopen(draft, "w") else { return }
    var isWhole = true
    matrix.write { bytes in
      isWhole = isWhole && fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count
    }
    isWhole = fclose(file) == 0 && isWhole
    if !isWhole || rename(draft, path) != 0 { unlink(draft) }
  }
}

/// A flock(2) on the data set's manifest, which is there and may be read-only. Where it cannot be had, each bins for itself.
private final class BinningTurn {
  private let descriptor: Int32

  init(_ directory: String) {
    descriptor = open(directory + "/" + Manifest.fileName, O_RDONLY | O_CLOEXEC)
    while descriptor >= 0, flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}

/// `@unchecked`: read-only from `init` to `deinit`.
private final class MappedBins: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return nil }
    let mapping = mmap(nil, Int(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0)
    guard let mapping, mapping != MAP_FAILED else { return nil }
    bytes = UnsafeRawBufferPointer(start: mapping, count: Int(status.st_size))
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}
