// SPDX-License-Identifier: Apache-2.0

/// Finds a leaf's best split: all thresholds of all live columns, missing rows sent left and right.
///
/// Eight columns are searched at once. Sums are exact integers; the score that ranks candidates is single precision
/// (relative error some 1e-7 of the score), the winner's gain is then taken anew in double precision from the integers.
/// Equal scores go to the lower column, then the lower bin, then missing right.
/// - Source: Chen & Guestrin 2016, equation 7 and algorithm 3 (sparsity-aware split finding), on histograms.
struct SplitSearch {
  let layout: HistogramLayout
  let columns: [ColumnBins]

  /// The best candidate of some groups.
  struct Candidate {
    var score: Float = -.infinity
    var column = 0
    var code: Int32 = 0

    /// Of two the better; the lower column of equals.
    mutating func merge(_ other: Candidate) {
      if other.score > score || (other.score == score && other.column < column) { self = other }
    }
  }

  /// Searches one group's lines and clears the bits of columns that had no candidate within the limits: what has none here
  /// has none in any part of the leaf.
  ///
  /// - Complexity: O(lines of the group · 8).
  func search(
    _ group: Int, of histogram: LeafHistogram, scan: GroupScan, live: UnsafeMutablePointer<UInt8>,
    best: inout Candidate
  ) {
    let found = scan.best(
      histogram.base + layout.offset(of: group), lineCount: layout.lineCount(of: group),
      isHessianConstant: layout.isHessianConstant)
    for lane in 0..<HistogramLayout.lanes where live[group] >> UInt8(lane) & 1 == 1 {
      let score = found.scores[lane]
      if score == -.infinity { live[group] &= ~(1 << UInt8(lane)) }
      if score > best.score {
        best = Candidate(score: score, column: group * HistogramLayout.lanes + lane, code: found.codes[lane])
      }
    }
  }

  /// Takes a sibling's sums off the parent's: what is left is the other sibling's.
  func subtract(_ sibling: LeafHistogram, from histogram: LeafHistogram, group: Int) {
    let offset = layout.offset(of: group)
    let target = histogram.base + offset
    let source = sibling.base + offset
    for index in 0..<(layout.lineCount(of: group) * HistogramLayout.lanes * layout.planeCount) {
      target[index] &-= source[index]
    }
  }

  /// The candidate as a split with its gain in double precision; nil when it gains nothing.
  func split(_ candidate: Candidate, of histogram: LeafHistogram, total: QuantaSums, limits: SplitLimits) -> Split? {
    guard candidate.score > -.infinity else { return nil }
    let column = candidate.column
    let isMissingLeft = candidate.code & GroupScan.missingLeftFlag != 0
    // A lane may have fewer bins than its group's lines: past its last bin nothing changes, so the last one is meant.
    let bin = min(Int(candidate.code & (GroupScan.missingLeftFlag - 1)), columns[column].valueBinCount)
    let missing = histogram.sums(layout, column: column, bin: 0)
    var left = isMissingLeft ? missing : QuantaSums()
    for line in 1..<(bin + 1) { left = left + histogram.sums(layout, column: column, bin: line) }
    let parent = limits.score(total)
    let gain = limits.score(left) + limits.score(total - left) - parent
    // Below this share of the parent's score a gain is rounding.
    guard gain > limits.gainMin, gain > 1e-12 * parent else { return nil }
    return Split(
      column: column, bin: bin, isMissingLeft: isMissingLeft, hasMissing: missing.count != 0, gain: gain, left: left)
  }
}
