// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import Boosters

@Suite struct BinningTests {
  private func bins(_ column: [Float], binCountMax: Int = 255) -> (matrix: BinnedMatrix, column: ColumnBins) {
    let matrix = Case(values: column, labels: column, columnCount: 1).binned(binCountMax)
    return (matrix, matrix.columns[0])
  }

  /// In real life: ordinal scores such as the GCS take a few values; each must be separable from its neighbours.
  @Test func fewDistinctValues_getABinEach_boundsMidway() {
    let (matrix, column) = bins([3, 1, .nan, 2, 2, 1])
    #expect(column.valueBinCount == 3)
    #expect(column.bounds == [1.5, 2.5])
    #expect((0..<6).map { matrix.bin(row: $0, column: 0) } == [3, 1, 0, 2, 2, 1])
  }

  /// In real life: 129 admissions, of whom nearly each has a lactate of its own: a bound after each is chance.
  @Test func rareValues_shareABin() {
    let values: [Float] = [1, 2, 3, 3, 4, 5, 6, 7, .nan]
    let matrix = values.withUnsafeBufferPointer {
      BinnedMatrix(binning: $0, rowCount: 9, columnCount: 1, binCountMax: 255, rowsPerBinMin: 3)
    }
    #expect(matrix.columns[0].bounds == [3.5])
    #expect((0..<9).map { matrix.bin(row: $0, column: 0) } == [1, 1, 1, 1, 2, 2, 2, 2, 0])
    let three = values.withUnsafeBufferPointer {
      BinnedMatrix(binning: $0, rowCount: 9, columnCount: 1, binCountMax: 255, rowsPerBinMin: 2)
    }
    #expect(three.columns[0].bounds == [2.5, 3.5, 5.5])
  }

  /// Goal: both ways to a bin lead there. Method: the ways beside each other, and beside counting; ties, infinities, NaN, and
  /// counts that are no multiple of sixteen. Not run: the wide way where the CPU has no AVX-512.
  @Test(arguments: [0, 1, 2, 100, 254], [1, 15, 16, 33, 500]) func eachWay_findsTheSameBin(boundCount: Int, count: Int)
  {
    var random = CounterGenerator(key: UInt64(boundCount))
    let own = Set((0..<boundCount).map { _ in Float(random.normal()) }).sorted()
    let bounds = own + Array(repeating: .infinity, count: 256 - own.count)
    let values = (0..<count).map { index -> Float in
      switch index % 7 {
      case 0: .nan
      case 1: own.isEmpty ? 0 : own[random.below(own.count)]
      case 2: index % 2 == 0 ? .infinity : -.infinity
      default: Float(random.normal())
      }
    }
    let wanted = values.map { value in value.isNaN ? 0 : UInt8(1 + own.count { value > $0 }) }
    for isWide in PairScan.isAvailable ? [false, true] : [false] {
      var bytes = [UInt8](repeating: 77, count: count + 3)
      writeBins(of: values, count: count, bounds: bounds, to: &bytes, isWide: isWide)
      #expect(bytes == wanted + [77, 77, 77], "wide: \(isWide)")
    }
  }

  /// In real life: a lab that was never ordered for anyone, or has one value for all.
  @Test func emptyAndConstantColumns_haveNoAndOneBin() {
    #expect(bins([.nan, .nan]).column.valueBinCount == 0)
    #expect(bins([7, .nan, 7]).column.valueBinCount == 1)
    #expect(bins([0, -0.0]).column.valueBinCount == 1)
    #expect((0..<2).map { bins([.nan, .nan]).matrix.bin(row: $0, column: 0) } == [0, 0])
  }

  /// In real life: a ratio with a zero below gives an infinity; it is the largest value, not an accident.
  @Test func infinities_areTheOutermostValues() {
    let (matrix, column) = bins([.infinity, 0, -.infinity, 1])
    #expect(column.valueBinCount == 4)
    #expect(column.bounds == [-.infinity, 0.5, 1])
    #expect((0..<4).map { matrix.bin(row: $0, column: 0) } == [4, 2, 1, 3])
    #expect(column.bin(of: .infinity) == 4 && column.bin(of: -.infinity) == 1 && column.bin(of: 1e30) == 4)
  }

  /// Goal: a bound lies between its neighbours even where no float does. Method: adjacent floats, largest and subnormal.
  @Test(arguments: [1, Float.greatestFiniteMagnitude.nextDown, .leastNonzeroMagnitude, -1, 16_777_216])
  func adjacentFloats_areStillSeparated(value: Float) {
    let (matrix, _) = bins([value, value.nextUp])
    #expect(matrix.bin(row: 0, column: 0) == 1)
    #expect(matrix.bin(row: 1, column: 0) == 2)
  }

  /// Goal: bins are monotone, complete and about equal. Method: 20 seeds of skewed columns with missing values, each
  /// width of block; the byte of each value against the plain search, counts against twice the equal share.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func manyValues_areBinnedMonotonely_andAboutEqually(seed: UInt64) {
    var random = CounterGenerator(key: seed)
    let rowCount = 1_000 + random.below(6_000)
    let columnCount = 1 + random.below(70)
    let binCountMax = [2, 15, 63, 254, 255][random.below(5)]
    let values = (0..<rowCount * columnCount).map { _ -> Float in
      random.uniform() < 0.1 ? .nan : Float(random.normal() * random.exponential(mean: 3))
    }
    let matrix = Case(values: values, labels: Array(repeating: 0, count: rowCount), columnCount: columnCount)
      .binned(binCountMax)
    for column in [0, columnCount / 2, columnCount - 1] {
      let bins = matrix.columns[column]
      #expect(bins.valueBinCount == binCountMax, "seed \(seed)")
      #expect(zip(bins.bounds, bins.bounds.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed)")
      var counts = [Int](repeating: 0, count: 256)
      var isRight = true
      for row in 0..<rowCount {
        let bin = matrix.bin(row: row, column: column)
        isRight = isRight && bin == bins.bin(of: values[row * columnCount + column])
        counts[bin] += 1
      }
      #expect(isRight, "seed \(seed) column \(column)")
      let share = (rowCount - counts[0]) / binCountMax
      #expect(counts[1...binCountMax].allSatisfy { $0 > 0 && $0 <= 2 * share + 2 }, "seed \(seed) column \(column)")
    }
  }

  /// In real life: many labs are 0 or at the detection limit for most patients; the rest must still be resolved.
  @Test func aDominantValue_staysAlone_andLeavesBinsToTheRest() {
    let column = (0..<1_000).map { $0 < 700 ? Float(0) : Float($0) }
    let (matrix, bins) = bins(column, binCountMax: 16)
    #expect(bins.valueBinCount == 16)
    #expect(matrix.bin(row: 0, column: 0) == 1)
    #expect(matrix.bin(row: 700, column: 0) == 2)
    let counts = (700..<1_000).reduce(into: [Int](repeating: 0, count: 17)) {
      $0[matrix.bin(row: $1, column: 0)] += 1
    }
    #expect(counts[2...16].allSatisfy { (15...25).contains($0) })
  }
}
