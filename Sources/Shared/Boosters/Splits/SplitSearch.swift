// SPDX-License-Identifier: Apache-2.0

/// Finds a leaf's best split: all thresholds of all live columns, missing rows sent left and right.
///
/// Eight columns are searched at once. Sums are exact integers; the score that ranks candidates is single precision
/// (relative error some 1e-7 of the score), the winner's gain is then taken anew in double precision from the integers.
/// Equal scores go to the lower column, then missing right, then the lower bin.
/// - Source: Chen & Guestrin 2016, equation 7 and algorithm 3 (sparsity-aware split finding), on histograms.
struct SplitSearch {
  let layout: HistogramLayout
  let columns: [ColumnBins]
  private let scratch = ScanScratch()

  init(layout: HistogramLayout, columns: [ColumnBins]) {
    self.layout = layout
    self.columns = columns
  }

  struct Outcome {
    var split: Split?
    /// Columns that had any candidate within the limits. What has none here has none in any part of the leaf.
    var live: [UInt8]
  }

  /// Searches `histogram`. With `sibling`, first takes the sibling's sums off it: it then comes in as the parent's.
  ///
  /// - Complexity: O(lines of the live groups · 8).
  func search(
    _ histogram: LeafHistogram, subtracting sibling: LeafHistogram?, total: Int64, rowCount: Int, live: [UInt8],
    limits: SplitLimits
  ) -> Outcome {
    switch layout.counts {
    case .none: run(histogram, sibling, total, rowCount, live, limits, UInt16.self, counting: No.self)
    case .bits16: run(histogram, sibling, total, rowCount, live, limits, UInt16.self, counting: Yes.self)
    case .bits32: run(histogram, sibling, total, rowCount, live, limits, UInt32.self, counting: Yes.self)
    }
  }

  private func run<Count: FixedWidthInteger & SIMDScalar, Counting: Choice>(
    _ histogram: LeafHistogram, _ sibling: LeafHistogram?, _ total: Int64, _ rowCount: Int, _ live: [UInt8],
    _ limits: SplitLimits, _: Count.Type, counting: Counting.Type
  ) -> Outcome {
    var outcome = Outcome(split: nil, live: live)
    var best: (score: Float, column: Int, code: Int32) = (-.infinity, 0, 0)
    for group in 0..<layout.groupCount where live[group] != 0 {
      let lines = GroupLines<Count>(histogram, layout: layout, group: group)
      if let sibling { lines.subtract(GroupLines(sibling, layout: layout, group: group), counting: counting) }
      let found = lines.scan(total: total, rowCount: rowCount, limits: limits, scratch: scratch, counting: counting)
      for lane in 0..<HistogramLayout.lanes where live[group] >> UInt8(lane) & 1 == 1 {
        let score = found.scores[lane]
        if score == -.infinity { outcome.live[group] &= ~(1 << UInt8(lane)) }
        if score > best.score { best = (score, group * HistogramLayout.lanes + lane, found.codes[lane]) }
      }
    }
    guard best.score > -.infinity else { return outcome }
    outcome.split = gained(best.column, best.code, histogram, total: total, limits: limits)
    return outcome
  }

  /// The split with its gain in double precision; nil when it gains nothing.
  private func gained(
    _ column: Int, _ code: Int32, _ histogram: LeafHistogram, total: Int64, limits: SplitLimits
  ) -> Split? {
    let lanes = HistogramLayout.lanes
    let sums = histogram.base.assumingMemoryBound(to: Int64.self) + layout.lineStarts[column / lanes] * lanes
    let lane = column % lanes
    let isMissingLeft = code & GroupLines<UInt16>.missingLeftFlag != 0
    // A lane may have fewer bins than its group's lines: past its last bin nothing changes, so the last one is meant.
    let bin = min(Int(code & (GroupLines<UInt16>.missingLeftFlag - 1)), columns[column].valueBinCount)
    var left = isMissingLeft ? sums[lane] : 0
    for line in 1..<(bin + 1) { left &+= sums[line * lanes + lane] }
    let parent = limits.score(total)
    let gain = limits.score(left) + limits.score(total &- left) - parent
    // Below this share of the parent's score a gain is rounding.
    guard gain > limits.gainMin, gain > 1e-12 * parent else { return nil }
    return Split(
      column: column, bin: bin, isMissingLeft: isMissingLeft, hasMissing: sums[lane] != 0, gain: gain)
  }
}
