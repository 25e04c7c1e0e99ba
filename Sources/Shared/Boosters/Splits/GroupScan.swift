// SPDX-License-Identifier: Apache-2.0

import CIntrinsics

/// The search through the lines of one group of 8 columns:
///
///     S(G_L)²/(H_L + λ) + S(G_R)²/(H_R + λ)        S(G) = max(|G| − l1, 0)
///
/// in quanta, for each bin and both directions of missing, 8 columns at once.
struct GroupScan {
  /// In a candidate's code, beside its bin: missing rows go left.
  static let missingLeftFlag: Int32 = 1 << 10

  private let total: QuantaSums
  private let gradientTotal: SIMD8<Int32>
  private let hessianTotal: SIMD8<Int32>
  private let countMin: SIMD8<Int32>
  private let countMax: SIMD8<Int32>
  private let hessianMin: SIMD8<Int32>
  private let hessianMax: SIMD8<Int32>
  private let l1: SIMD8<Float>
  private let l2: SIMD8<Float>
  private let hasL1: Bool

  init(total: QuantaSums, limits: SplitLimits) {
    self.total = total
    gradientTotal = SIMD8(repeating: total.gradient)
    hessianTotal = SIMD8(repeating: total.hessian)
    countMin = SIMD8(repeating: limits.leafRowsMin)
    countMax = SIMD8(repeating: total.count &- limits.leafRowsMin)
    hessianMin = SIMD8(repeating: limits.hessianQuantaMin)
    hessianMax = SIMD8(repeating: total.hessian &- limits.hessianQuantaMin)
    l1 = SIMD8(repeating: limits.l1Quanta)
    l2 = SIMD8(repeating: limits.l2Quanta)
    hasL1 = limits.l1Quanta > 0
  }

  /// The best candidate of each lane.
  struct Best {
    /// What it had to exceed where none did.
    var scores: SIMD8<Float>
    /// The last bin that goes left, and `missingLeftFlag`.
    var codes = SIMD8<Int32>(repeating: 0)
    /// A bit for each lane that has a candidate within the limits, however low its score.
    var kept: UInt8 = 0

    init(above score: Float) { scores = SIMD8(repeating: score) }
  }

  /// - Parameters:
  ///   - sums: the group's planes.
  ///   - score: what a candidate has to exceed: the best of the groups before. Most of a leaf's groups then have none that
  ///     does, and nothing is divided.
  func best(
    _ sums: UnsafePointer<Int32>, lineCount: Int, isHessianConstant: Bool, above score: Float
  ) -> Best {
    if isHessianConstant {
      return hasL1
        ? scan(sums, lineCount, score, constant: Yes.self, l1: Yes.self)
        : scan(sums, lineCount, score, constant: Yes.self, l1: No.self)
    }
    return hasL1
      ? scan(sums, lineCount, score, constant: No.self, l1: Yes.self)
      : scan(sums, lineCount, score, constant: No.self, l1: No.self)
  }

  private func scan<Constant: Choice, L1: Choice>(
    _ sums: UnsafePointer<Int32>, _ lineCount: Int, _ score: Float, constant: Constant.Type, l1: L1.Type
  ) -> Best {
    let gradients = UnsafeRawPointer(sums).assumingMemoryBound(to: SIMD8<Int32>.self)
    let hessians = gradients + lineCount
    let counts = Constant.isMade ? hessians : hessians + lineCount
    var best = Best(above: score)
    // Negative in lanes of which every candidate broke a limit.
    var broken = SIMD8<Int32>(repeating: -1)
    var gradient = SIMD8<Int32>.zero
    var hessian = SIMD8<Int32>.zero
    var count = SIMD8<Int32>.zero
    // With nothing missing in the leaf both directions are the same split.
    let hasMissing = counts[0] != .zero
    for line in 1..<max(lineCount, 1) {
      gradient &+= gradients[line]
      count &+= counts[line]
      if !Constant.isMade { hessian &+= hessians[line] }
      consider(
        gradient, Constant.isMade ? count : hessian, count, code: Int32(truncatingIfNeeded: line), &best,
        &broken, l1: L1.self)
      if hasMissing {
        consider(
          gradient &+ gradients[0], Constant.isMade ? count &+ counts[0] : hessian &+ hessians[0], count &+ counts[0],
          code: Int32(truncatingIfNeeded: line) | Self.missingLeftFlag, &best, &broken, l1: L1.self)
      }
    }
    best.kept = ~UInt8(truncatingIfNeeded: cintrinsics_signs(broken))
    return best
  }

  @inline(__always)
  private func consider<L1: Choice>(
    _ gradient: SIMD8<Int32>, _ hessian: SIMD8<Int32>, _ count: SIMD8<Int32>, code: Int32, _ best: inout Best,
    _ allBroken: inout SIMD8<Int32>, l1 _: L1.Type
  ) {
    // Negative in lanes that break a limit: no difference overflows, for all sums are in 0..<2³¹.
    let broken =
      (count &- countMin) | (countMax &- count) | (hessian &- hessianMin) | (hessianMax &- hessian)
    guard cintrinsics_signs(broken) != 0xFF else { return }
    allBroken &= broken
    var gl = cintrinsics_floats(gradient)
    var gr = cintrinsics_floats(gradientTotal &- gradient)
    if L1.isMade {
      gl = cintrinsics_shrunk(gl, l1)
      gr = cintrinsics_shrunk(gr, l1)
    }
    let dl = cintrinsics_floats(hessian) + l2
    let dr = cintrinsics_floats(hessianTotal &- hessian) + l2
    let over = gl * gl * dr + gr * gr * dl
    let under = dl * dr
    // over ÷ under ≥ best without the division, which waits until it may matter.
    let lead = over - best.scores * under * Float(0.999_999)
    guard cintrinsics_signs(broken | unsafeBitCast(lead, to: SIMD8<Int32>.self)) != 0xFF else { return }
    let scores = over / under
    let isBetter = (unsafeBitCast(best.scores - scores, to: SIMD8<Int32>.self) & ~broken) &>> 31
    let old = unsafeBitCast(best.scores, to: SIMD8<Int32>.self) & ~isBetter
    best.scores = unsafeBitCast(old | (unsafeBitCast(scores, to: SIMD8<Int32>.self) & isBetter), to: SIMD8<Float>.self)
    best.codes = (best.codes & ~isBetter) | (SIMD8(repeating: code) & isBetter)
  }
}
