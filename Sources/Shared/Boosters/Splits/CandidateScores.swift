// SPDX-License-Identifier: Apache-2.0

/// Scores the candidates of some lines of a histogram, lane by lane:
///
///     S(G_L)²/(H_L + λ) + S(G_R)²/(H_R + λ)        S(G) = max(|G| − l1, 0)
///
/// in quanta; −∞ for a candidate that breaks a limit.
///
/// A plain loop over raw pointers, because that is what LLVM makes full-width SIMD of: Swift's SIMD types convert integers
/// to floats by calls, or lane by lane.
struct CandidateScores {
  let gradientTotal: Int32
  let hessianTotal: Int32
  let countMin: Int32
  /// Most rows beyond `countMin` that may go left.
  let countSpan: UInt32
  let hessianMin: Float
  let l1: Float
  let l2: Float

  init(total: Int64, rowCount: Int, limits: SplitLimits) {
    gradientTotal = GradientWord.gradient(total)
    hessianTotal = GradientWord.hessian(total)
    let least = max(limits.leafRowsMin, 1)
    countMin = Int32(truncatingIfNeeded: least)
    countSpan = UInt32(max(rowCount - 2 * least, 0))
    hessianMin = limits.hessianQuantaMin
    l1 = limits.l1Quanta
    l2 = limits.l2Quanta
  }

  /// - Parameters:
  ///   - lefts: sums of the rows that would go left; [count].
  ///   - leftCounts: how many they are; [count], not read without counting.
  ///   - scores: [count].
  func fill<Counting: Choice, L1: Choice>(
    _ scores: UnsafeMutablePointer<Float>, lefts: UnsafePointer<Int64>, leftCounts: UnsafePointer<Int32>, count: Int,
    counting: Counting.Type, l1 penalty: L1.Type
  ) {
    // Halves instead of words: as long as nothing in the loop is wider than 32 bits, a vector takes 8 candidates.
    let halves = UnsafeRawPointer(lefts).assumingMemoryBound(to: Int32.self)
    for index in 0..<count {
      let hessian = halves[2 &* index &+ GradientWord.hessianHalf]
      let gradient = halves[2 &* index &+ GradientWord.gradientHalf]
      let hl = Float(hessian)
      let hr = Float(hessianTotal &- hessian)
      var gl = Float(gradient)
      var gr = Float(gradientTotal &- gradient)
      if L1.isMade {
        gl = abs(gl) - l1
        gr = abs(gr) - l1
        gl = gl < 0 ? 0 : gl
        gr = gr < 0 ? 0 : gr
      }
      let dl = hl + l2
      let dr = hr + l2
      let score = (gl * gl * dr + gr * gr * dl) / (dl * dr)
      let least = hl < hr ? hl : hr
      var limited = least >= hessianMin ? score : -.infinity
      if Counting.isMade {
        // One unsigned comparison for both ends: too few on the left wraps round.
        let excess = UInt32(bitPattern: leftCounts[index] &- countMin)
        limited = excess <= countSpan ? limited : -.infinity
      }
      scores[index] = limited
    }
  }

  /// Least extent (`ScanScratch.extent`) of a candidate's left part; what is less cannot pass `fill`.
  func extentMin<Counting: Choice>(counting: Counting.Type) -> Int32 {
    // Below the limit by more than its rounding to single precision.
    Counting.isMade ? countMin : Int32(min(max(hessianMin * 0.999_999 - 1, 0), 2_147_483_520))
  }

  /// Most extent of a candidate's left part.
  func extentMax<Counting: Choice>(counting: Counting.Type) -> Int32 {
    Counting.isMade ? countMin &+ Int32(countSpan) : hessianTotal &- extentMin(counting: counting)
  }
}
