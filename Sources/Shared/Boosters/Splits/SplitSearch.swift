// SPDX-License-Identifier: Apache-2.0

/// Finds a leaf's best split: all thresholds of all live columns, missing rows sent left and right.
///
/// Eight columns are searched at once. Sums are exact integers; the score that ranks candidates is single precision
/// (relative error some 1e-7 of the score), the winner's gain is then taken anew in double precision from the integers.
/// Equal scores go to the lower column, then the lower bin, then missing right. Categorical columns, and all columns where
/// some are monotone, are searched one by one (`ColumnSearch`).
/// - Source: Chen & Guestrin 2016, equation 7 and algorithm 3 (sparsity-aware split finding), on histograms.
struct SplitSearch {
  let layout: HistogramLayout
  let columns: [ColumnBins]
  /// +1 where the prediction must not fall as the column grows, −1 where it must not rise, else 0; empty: no such column.
  let monotone: [Int8]
  /// For each group its categorical columns, a bit a column.
  private let categorical: [UInt8]

  init(layout: HistogramLayout, columns: [ColumnBins], monotone: [Int8]) {
    self.layout = layout
    self.columns = columns
    self.monotone = monotone
    var mask = [UInt8](repeating: 0, count: layout.groupCount)
    for (index, column) in columns.enumerated() where column.categories != nil {
      mask[index / HistogramLayout.lanes] |= 1 << UInt8(index % HistogramLayout.lanes)
    }
    categorical = mask
  }

  /// The best candidate of some groups.
  struct Candidate {
    /// In quanta.
    var score: Float = -.infinity
    var column = 0
    /// The last bin that goes left, and `GroupScan.missingLeftFlag`.
    var code: Int32 = 0
    var leftBins: BinSet?
    var extraL2 = 0.0

    /// Of two the better; the lower column of equals.
    mutating func merge(_ other: Candidate) {
      if other.score > score || (other.score == score && other.column < column) { self = other }
    }
  }

  /// A leaf as the search sees it.
  struct Leaf {
    let total: QuantaSums
    let bounds: ValueBounds
    let scan: GroupScan
    let limits: SplitLimits

    init(total: QuantaSums, bounds: ValueBounds, limits: SplitLimits) {
      self.total = total
      self.bounds = bounds
      self.limits = limits
      scan = GroupScan(total: total, limits: limits)
    }
  }

  /// Searches one group's lines and clears the bits of columns that had no candidate within the limits: what has none here
  /// has none in any part of the leaf.
  ///
  /// - Complexity: O(lines of the group · 8).
  func search(
    _ group: Int, of histogram: LeafHistogram, leaf: Leaf, live: UnsafeMutablePointer<UInt8>, best: inout Candidate
  ) {
    guard monotone.isEmpty else {
      return searchOneByOne(live[group], group, of: histogram, leaf: leaf, live: live, best: &best)
    }
    let special = live[group] & categorical[group]
    let numeric = live[group] & ~special
    if numeric != 0 {
      let found = leaf.scan.best(
        histogram.base + layout.offset(of: group), lineCount: layout.lineCount(of: group),
        isHessianConstant: layout.isHessianConstant, above: best.score)
      note(found, of: numeric, group, live: live, best: &best)
    }
    if special != 0 { searchOneByOne(special, group, of: histogram, leaf: leaf, live: live, best: &best) }
  }

  /// Whether `searchBoth` can take the group: no column of it needs a search of its own.
  func isPlain(_ group: Int, live: UInt8) -> Bool { monotone.isEmpty && live & categorical[group] == 0 }

  /// `search` for a leaf and, with `subtract`, its sibling in one pass; `isPlain` groups alone.
  ///
  /// - Parameter isBuiltSearched: false: the built leaf's candidates are not wanted.
  func searchBoth(
    _ group: Int, scan: PairScan, built: LeafHistogram, isBuiltSearched: Bool, sibling: LeafHistogram?,
    live: (built: UnsafeMutablePointer<UInt8>, sibling: UnsafeMutablePointer<UInt8>?),
    bests: inout (built: Candidate, sibling: Candidate)
  ) {
    let offset = layout.offset(of: group)
    let found = scan.best(
      built.base + offset, sibling.map { $0.base + offset }, lineCount: layout.lineCount(of: group),
      above: (bests.built.score, bests.sibling.score))
    if isBuiltSearched { note(found.built, of: live.built[group], group, live: live.built, best: &bests.built) }
    if let live = live.sibling { note(found.sibling, of: live[group], group, live: live, best: &bests.sibling) }
  }

  /// Keeps the best candidate, and clears the bits of columns without any.
  private func note(
    _ found: GroupScan.Best, of lanes: UInt8, _ group: Int, live: UnsafeMutablePointer<UInt8>, best: inout Candidate
  ) {
    for lane in 0..<HistogramLayout.lanes where lanes >> UInt8(lane) & 1 == 1 {
      let score = found.scores[lane]
      if score > best.score {
        best = Candidate(score: score, column: group * HistogramLayout.lanes + lane, code: found.codes[lane])
      }
    }
    live[group] &= found.kept | ~lanes
  }

  private func searchOneByOne(
    _ lanes: UInt8, _ group: Int, of histogram: LeafHistogram, leaf: Leaf, live: UnsafeMutablePointer<UInt8>,
    best: inout Candidate
  ) {
    for lane in 0..<HistogramLayout.lanes where lanes >> UInt8(lane) & 1 == 1 {
      let column = group * HistogramLayout.lanes + lane
      let search = ColumnSearch(
        column: column, bins: columns[column], monotone: monotone.isEmpty ? 0 : monotone[column], leaf: leaf)
      guard let found = search.best(of: histogram, layout: layout) else {
        // A category's candidates come and go with the other limits of subsets: such a column stays.
        if columns[column].categories == nil { live[group] &= ~(1 << UInt8(lane)) }
        continue
      }
      best.merge(found)
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
  func split(_ candidate: Candidate, of histogram: LeafHistogram, leaf: Leaf) -> Split? {
    guard candidate.score > -.infinity else { return nil }
    let column = candidate.column
    let isMissingLeft = candidate.code & GroupScan.missingLeftFlag != 0
    // A lane may have fewer bins than its group's lines: past its last bin nothing changes, so the last one is meant.
    let bin = min(Int(candidate.code & (GroupScan.missingLeftFlag - 1)), columns[column].valueBinCount)
    let missing = histogram.sums(layout, column: column, bin: 0)
    var left = isMissingLeft ? missing : QuantaSums()
    if let bins = candidate.leftBins {
      for line in 1...columns[column].valueBinCount where bins.contains(line) {
        left = left + histogram.sums(layout, column: column, bin: line)
      }
    } else {
      for line in 1..<(bin + 1) { left = left + histogram.sums(layout, column: column, bin: line) }
    }
    let limits = leaf.limits
    let parent = limits.score(leaf.total, bounds: leaf.bounds)
    let gain =
      limits.score(left, bounds: leaf.bounds, extraL2: candidate.extraL2)
      + limits.score(leaf.total - left, bounds: leaf.bounds, extraL2: candidate.extraL2) - parent
    // Below this share of the parent's score a gain is rounding.
    guard gain > limits.gainMin(of: leaf.total), gain > 1e-12 * parent else { return nil }
    return Split(
      column: column, bin: bin, leftBins: candidate.leftBins, isMissingLeft: isMissingLeft,
      hasMissing: missing.count != 0, gain: gain, left: left)
  }
}
