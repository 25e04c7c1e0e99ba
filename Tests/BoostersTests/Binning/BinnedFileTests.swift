// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@testable import Boosters

/// In real life: one worker bins a data set and leaves the bytes beside the shard; all others map them.
@Suite struct BinnedFileTests {
  private final class Bytes {
    let base: UnsafeMutableRawBufferPointer
    init(_ bytes: [UInt8]) {
      base = .allocate(byteCount: bytes.count, alignment: 64)
      base.copyBytes(from: bytes)
    }
    deinit { base.deallocate() }
  }

  private func bytes(_ matrix: BinnedMatrix) -> [UInt8] {
    var all: [UInt8] = []
    matrix.write { all += $0 }
    return all
  }

  private func mapped(_ bytes: [UInt8]) throws -> BinnedMatrix {
    let owner = Bytes(bytes)
    return try BinnedMatrix(mapping: UnsafeRawBufferPointer(owner.base), owner: owner)
  }

  private let rows = Case(seed: 1, rowCount: 333, columnCount: 70, decimals: 10)

  private var matrix: BinnedMatrix {
    rows.values.withUnsafeBufferPointer {
      BinnedMatrix(binning: $0, rowCount: 333, columnCount: 70, binCountMax: 63, categoricalColumns: [3])
    }
  }

  @Test func mappedBytes_areTheSameMatrix_andTrainTheSame() throws {
    let matrix = matrix
    let copy = try mapped(bytes(matrix))
    #expect(copy.columns == matrix.columns && bytes(copy) == bytes(matrix))
    let options = try BoosterOptions(["trees": .integer(5)])
    func fit(_ matrix: BinnedMatrix) throws -> BoosterFit {
      try fitBooster(
        train: matrix, labels: rows.labels, validation: nil, objective: .binary, options: options, seed: 1
      ) { _, _ in true }
    }
    #expect(try fit(copy) == fit(matrix))
  }

  @Test func damagedBytes_areRefused() throws {
    let whole = bytes(matrix)
    for count in stride(from: 0, to: whole.count, by: 977) {
      #expect(throws: BoosterError.self) { try mapped(Array(whole.prefix(count))) }
    }
    for index in stride(from: 0, to: whole.count, by: 499) {
      var changed = whole
      changed[index] ^= 4
      // The zeros between header and body mean nothing.
      let isPadding = (try? mapped(changed)).map { bytes($0) == whole } ?? true
      #expect(isPadding, "byte \(index)")
    }
  }

  @Test func subset_hasTheBinsOfItsRows() {
    let matrix = matrix
    let some = Array(stride(from: 1, to: 333, by: 3))
    let subset = BinnedMatrix(matrix, rows: some)
    #expect(subset.rowCount == some.count && subset.columns == matrix.columns)
    for (index, row) in some.enumerated() {
      for column in 0..<70 {
        #expect(subset.bin(row: index, column: column) == matrix.bin(row: row, column: column))
        let block = subset.blocks[column / 64]
        #expect(Int(subset.base(of: block)[index * block.width + column % 64]) == matrix.bin(row: row, column: column))
      }
    }
  }
}
