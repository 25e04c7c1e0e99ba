// SPDX-License-Identifier: Apache-2.0

/// The lines of one group of 8 columns in a leaf's histogram, and the search through them.
struct GroupLines<Count: FixedWidthInteger & SIMDScalar> {
  /// In a candidate's code, beside its bin: missing rows go left.
  static var missingLeftFlag: Int32 { 1 << 10 }

  private let sums: UnsafeMutablePointer<SIMD8<Int64>>
  private let counts: UnsafeMutablePointer<SIMD8<Count>>
  private let lineCount: Int

  init(_ histogram: LeafHistogram, layout: HistogramLayout, group: Int) {
    let line = layout.lineStarts[group]
    sums = histogram.base.assumingMemoryBound(to: SIMD8<Int64>.self) + line
    counts = (histogram.base + layout.countsOffset).assumingMemoryBound(to: SIMD8<Count>.self) + line
    lineCount = layout.lineCount(of: group)
  }

  func subtract<Counting: Choice>(_ other: GroupLines, counting: Counting.Type) {
    for line in 0..<lineCount { sums[line] &-= other.sums[line] }
    if Counting.isMade { for line in 0..<lineCount { counts[line] &-= other.counts[line] } }
  }

  /// The best candidate of each lane.
  struct Best {
    /// −∞ where no candidate keeps the limits.
    var scores = SIMD8<Float>(repeating: -.infinity)
    /// The last bin that goes left, and `missingLeftFlag`.
    var codes = SIMD8<Int32>.zero
  }

  func scan<Counting: Choice>(
    total: Int64, rowCount: Int, limits: SplitLimits, scratch: ScanScratch, counting: Counting.Type
  ) -> Best {
    let scores = CandidateScores(total: total, rowCount: rowCount, limits: limits)
    var best = Best()
    consider(scores, flag: 0, scratch: scratch, hasL1: limits.l1Quanta > 0, best: &best, counting: counting)
    // With nothing missing in the leaf both directions are the same split.
    if Counting.isMade ? counts[0] != .zero : sums[0] != .zero {
      consider(
        scores, flag: Self.missingLeftFlag, scratch: scratch, hasL1: limits.l1Quanta > 0, best: &best,
        counting: counting)
    }
    return best
  }

  /// All thresholds for one direction of missing: running sums, scores, and the best of them, tile by tile.
  private func consider<Counting: Choice>(
    _ scores: CandidateScores, flag: Int32, scratch: ScanScratch, hasL1: Bool, best: inout Best,
    counting: Counting.Type
  ) {
    var sum = flag == 0 ? .zero : sums[0]
    var count = flag == 0 || !Counting.isMade ? .zero : SIMD8<Int32>(truncatingIfNeeded: counts[0])
    var lowest: Int32 = 0
    for start in stride(from: 1, to: lineCount, by: ScanScratch.lineCount) {
      let tile = min(ScanScratch.lineCount, lineCount - start)
      for line in 0..<tile {
        sum &+= sums[start + line]
        scratch.sums[line] = sum
        guard Counting.isMade else { continue }
        count &+= SIMD8<Int32>(truncatingIfNeeded: counts[start + line])
        scratch.counts[line] = count
      }
      // What goes left only grows: before any lane has enough of it there are no candidates, nor after each has too much.
      let end = scratch.extent(ofLine: tile - 1, counting: counting)
      defer { lowest = end.lowest }
      if end.highest < scores.extentMin(counting: counting) { continue }
      if lowest > scores.extentMax(counting: counting) { return }
      if hasL1 {
        scratch.score(lineCount: tile, by: scores, counting: counting, l1: Yes.self)
      } else {
        scratch.score(lineCount: tile, by: scores, counting: counting, l1: No.self)
      }
      for line in 0..<tile {
        let score = scratch.scores[line]
        let isBetter = score .> best.scores
        best.scores.replace(with: score, where: isBetter)
        best.codes.replace(with: SIMD8(repeating: Int32(truncatingIfNeeded: start + line) | flag), where: isBetter)
      }
    }
  }
}

/// Running sums and scores of a tile of lines: small enough for the first-level cache.
final class ScanScratch {
  static let lineCount = 32

  let sums = UnsafeMutablePointer<SIMD8<Int64>>.allocate(capacity: lineCount)
  let counts = UnsafeMutablePointer<SIMD8<Int32>>.allocate(capacity: lineCount)
  let scores = UnsafeMutablePointer<SIMD8<Float>>.allocate(capacity: lineCount)

  deinit {
    sums.deallocate()
    counts.deallocate()
    scores.deallocate()
  }

  /// Least and most of what goes left over a line's lanes: rows, or quanta of hessian where rows are not counted.
  func extent<Counting: Choice>(ofLine line: Int, counting: Counting.Type) -> (lowest: Int32, highest: Int32) {
    let lanes = HistogramLayout.lanes
    let halves = UnsafeRawPointer(sums + line).assumingMemoryBound(to: Int32.self)
    let rows = UnsafeRawPointer(counts + line).assumingMemoryBound(to: Int32.self)
    var lowest = Int32.max
    var highest = Int32.min
    for lane in 0..<lanes {
      let extent = Counting.isMade ? rows[lane] : halves[2 &* lane &+ GradientWord.hessianHalf]
      lowest = min(lowest, extent)
      highest = max(highest, extent)
    }
    return (lowest, highest)
  }

  func score<Counting: Choice, L1: Choice>(
    lineCount: Int, by candidates: CandidateScores, counting: Counting.Type, l1: L1.Type
  ) {
    let lanes = HistogramLayout.lanes
    candidates.fill(
      UnsafeMutableRawPointer(scores).assumingMemoryBound(to: Float.self),
      lefts: UnsafeRawPointer(sums).assumingMemoryBound(to: Int64.self),
      leftCounts: UnsafeRawPointer(counts).assumingMemoryBound(to: Int32.self), count: lineCount * lanes,
      counting: counting, l1: l1)
  }
}
