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

  @inline(__always)
  func subtract(_ other: GroupLines, isCounting: Bool) {
    for line in 0..<lineCount { sums[line] &-= other.sums[line] }
    if isCounting { for line in 0..<lineCount { counts[line] &-= other.counts[line] } }
  }

  /// Best candidate of each lane: its score S(G_L)²/(H_L + λ) + S(G_R)²/(H_R + λ) in quanta, −∞ where no candidate keeps
  /// the limits, and its code, the last bin that goes left and `missingLeftFlag`.
  @inline(__always)
  func scan(
    total: Int64, rowCount: Int, limits: SplitLimits, isCounting: Bool
  ) -> (scores: SIMD8<Float>, codes: SIMD8<Int32>) {
    let judge = CandidateJudge(total: total, rowCount: rowCount, limits: limits, isCounting: isCounting)
    let missingSum = sums[0]
    let missingCount = isCounting ? SIMD8<Int32>(truncatingIfNeeded: counts[0]) : .zero
    // With nothing missing in the leaf both directions are the same split.
    let hasMissing = isCounting ? missingCount != .zero : missingSum != .zero
    var best = CandidateJudge.Best()
    var sum = SIMD8<Int64>.zero
    var count = SIMD8<Int32>.zero
    if hasMissing {
      for line in 1..<lineCount {
        sum &+= sums[line]
        if isCounting { count &+= SIMD8<Int32>(truncatingIfNeeded: counts[line]) }
        judge.consider(sum, count, code: Int32(truncatingIfNeeded: line), best: &best)
        judge.consider(
          sum &+ missingSum, count &+ missingCount, code: Int32(truncatingIfNeeded: line) | Self.missingLeftFlag,
          best: &best)
      }
    } else {
      for line in 1..<lineCount {
        sum &+= sums[line]
        if isCounting { count &+= SIMD8<Int32>(truncatingIfNeeded: counts[line]) }
        judge.consider(sum, count, code: Int32(truncatingIfNeeded: line), best: &best)
      }
    }
    return (best.scores, best.codes)
  }
}

/// Scores one candidate in each of 8 lanes and keeps the better ones.
struct CandidateJudge {
  struct Best {
    var scores = SIMD8<Float>(repeating: -.infinity)
    var codes = SIMD8<Int32>.zero
  }

  private let gradientTotal: SIMD8<Int32>
  private let hessianTotal: SIMD8<Int32>
  private let countMin: SIMD8<Int32>
  private let countMax: SIMD8<Int32>
  private let hessianMin: SIMD8<Float>
  private let l1: SIMD8<Float>
  private let l2: SIMD8<Float>
  private let isCounting: Bool
  private let hasL1: Bool

  @inline(__always)
  init(total: Int64, rowCount: Int, limits: SplitLimits, isCounting: Bool) {
    gradientTotal = SIMD8(repeating: GradientWord.gradient(total))
    hessianTotal = SIMD8(repeating: GradientWord.hessian(total))
    let least = max(limits.leafRowsMin, 1)
    countMin = SIMD8(repeating: Int32(truncatingIfNeeded: least))
    countMax = SIMD8(repeating: Int32(truncatingIfNeeded: rowCount - least))
    hessianMin = SIMD8(repeating: limits.hessianQuantaMin)
    l1 = SIMD8(repeating: limits.l1Quanta)
    l2 = SIMD8(repeating: limits.l2Quanta)
    hasL1 = limits.l1 > 0
    self.isCounting = isCounting
  }

  @inline(__always)
  func consider(_ left: SIMD8<Int64>, _ count: SIMD8<Int32>, code: Int32, best: inout Best) {
    let gradientLeft = SIMD8<Int32>(truncatingIfNeeded: left &>> 32)
    let hessianLeft = SIMD8<Int32>(truncatingIfNeeded: left)
    let hl = SIMD8<Float>(hessianLeft)
    let hr = SIMD8<Float>(hessianTotal &- hessianLeft)
    var gl = SIMD8<Float>(gradientLeft)
    var gr = SIMD8<Float>(gradientTotal &- gradientLeft)
    if hasL1 {
      gl = shrunk(gl)
      gr = shrunk(gr)
    }
    let dl = hl + l2
    let dr = hr + l2
    let score = (gl * gl * dr + gr * gr * dl) / (dl * dr)
    var isBetter = (score .> best.scores) .& (hl .>= hessianMin) .& (hr .>= hessianMin)
    if isCounting { isBetter = isBetter .& (count .>= countMin) .& (count .<= countMax) }
    best.scores.replace(with: score, where: isBetter)
    best.codes.replace(with: SIMD8(repeating: code), where: isBetter)
  }

  /// |g| − l1, not below 0: only its square is used.
  @inline(__always)
  private func shrunk(_ gradient: SIMD8<Float>) -> SIMD8<Float> {
    let magnitude = SIMD8<Float>(bitPattern: SIMD8<UInt32>(bitPattern: gradient) & 0x7FFF_FFFF) - l1
    return magnitude.replacing(with: 0, where: magnitude .< 0)
  }
}

extension SIMD8 where Scalar == Float {
  @inline(__always) fileprivate init(bitPattern: SIMD8<UInt32>) { self = unsafeBitCast(bitPattern, to: Self.self) }
}

extension SIMD8 where Scalar == UInt32 {
  @inline(__always) fileprivate init(bitPattern: SIMD8<Float>) { self = unsafeBitCast(bitPattern, to: Self.self) }
}
