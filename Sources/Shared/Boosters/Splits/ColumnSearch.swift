// SPDX-License-Identifier: Apache-2.0

/// The search of one column in double precision: a categorical column, or any where some are monotone.
///
/// Categories are ordered by G/(H + smoothing), and subsets are prefixes of that order from either end: of all subsets of
/// a convex loss one of these is best (Fisher 1958), and the smoothing, the extra L2 penalty and the cap on their number
/// keep small categories from being fitted by chance. Missing, rare and unseen categories go right.
/// - Source: Ke et al. 2017's implementation for the subsets' regularisation (cat_smooth 10, cat_l2 10, at most 32, groups
///   of 100 rows, one against the rest for up to 4); monotone bounds as its `basic` method: the midpoint of two siblings
///   bounds all that comes below them.
struct ColumnSearch {
  static let smoothing = 10.0
  static let subsetL2 = 10.0
  static let subsetCountMax = 32
  static let groupRowsMin: Int32 = 100
  static let oneAgainstRestMax = 4

  let column: Int
  let bins: ColumnBins
  let monotone: Int8
  let leaf: SplitSearch.Leaf

  private var limits: SplitLimits { leaf.limits }

  func best(of histogram: LeafHistogram, layout: HistogramLayout) -> SplitSearch.Candidate? {
    let sums = (0...bins.valueBinCount).map { histogram.sums(layout, column: column, bin: $0) }
    return bins.categories == nil ? bestThreshold(sums) : bestSubset(sums)
  }

  private func bestThreshold(_ sums: [QuantaSums]) -> SplitSearch.Candidate? {
    var best: SplitSearch.Candidate?
    for isMissingLeft in sums[0].count == 0 ? [false] : [false, true] {
      var left = isMissingLeft ? sums[0] : QuantaSums()
      for bin in 1..<max(sums.count, 1) {
        left = left + sums[bin]
        guard let score = score(left, extraL2: 0), score > best?.score ?? -.infinity else { continue }
        best = SplitSearch.Candidate(
          score: score, column: column, code: Int32(bin) | (isMissingLeft ? GroupScan.missingLeftFlag : 0))
      }
    }
    return best
  }

  private func bestSubset(_ sums: [QuantaSums]) -> SplitSearch.Candidate? {
    let used = (1..<max(sums.count, 1)).filter { sums[$0].count > 0 }
    var best: SplitSearch.Candidate?
    func consider(_ left: QuantaSums, _ bins: BinSet, extraL2: Double) {
      guard let score = score(left, extraL2: extraL2), score > best?.score ?? -.infinity else { return }
      best = SplitSearch.Candidate(score: score, column: column, code: 0, leftBins: bins, extraL2: extraL2)
    }
    if used.count <= Self.oneAgainstRestMax {
      for bin in used {
        var set = BinSet()
        set.insert(bin)
        consider(sums[bin], set, extraL2: 0)
      }
      return best
    }
    func key(_ bin: Int) -> Double {
      Double(sums[bin].gradient) / limits.scale.gradient
        / (Double(sums[bin].hessian) / limits.scale.hessian + Self.smoothing)
    }
    let order = used.filter { Double(sums[$0].count) >= Self.smoothing }.map { (key: key($0), bin: $0) }
      .sorted { ($0.key, $0.bin) < ($1.key, $1.bin) }.map(\.bin)
    for ordered in [order, order.reversed()] {
      var left = QuantaSums()
      var set = BinSet()
      var fresh: Int32 = 0
      for bin in ordered.prefix(min(Self.subsetCountMax, (order.count + 1) / 2)) {
        left = left + sums[bin]
        set.insert(bin)
        fresh &+= sums[bin].count
        guard fresh >= Self.groupRowsMin, (leaf.total - left).count >= Self.groupRowsMin else { continue }
        fresh = 0
        consider(left, set, extraL2: Self.subsetL2)
      }
    }
    return best
  }

  /// In quanta, so that it compares with the other columns'; nil for a candidate that breaks a limit.
  private func score(_ left: QuantaSums, extraL2: Double) -> Float? {
    let right = leaf.total - left
    guard limits.keeps(left), limits.keeps(right) else { return nil }
    if monotone != 0 {
      let rise =
        limits.value(right, bounds: leaf.bounds, extraL2: extraL2)
        - limits.value(left, bounds: leaf.bounds, extraL2: extraL2)
      guard monotone > 0 ? rise >= 0 : rise <= 0 else { return nil }
    }
    let score =
      limits.score(left, bounds: leaf.bounds, extraL2: extraL2)
      + limits.score(right, bounds: leaf.bounds, extraL2: extraL2)
    return Float(score * limits.scoreQuanta)
  }
}
