// SPDX-License-Identifier: Apache-2.0

import CWideHistograms

/// `GroupScan` through a leaf and its sibling at once, where the CPU has AVX-512; the same candidates to the last bit.
///
/// A class, for it is some 400 bytes and goes from hand to hand.
final class PairScan: Sendable {
  static let isAvailable = chist_is_available() != 0

  private let limits: chist_limits
  private let isHessianConstant: Bool

  /// - Parameter sibling: nil: the built leaf is searched alone.
  init(built: SplitSearch.Leaf, sibling: SplitSearch.Leaf?, isHessianConstant: Bool) {
    self.isHessianConstant = isHessianConstant
    var limits = chist_limits()
    limits.l1 = built.limits.l1Quanta
    limits.l2 = built.limits.l2Quanta
    limits.missing_left_flag = GroupScan.missingLeftFlag
    func both(_ value: (SplitSearch.Leaf) -> Int32) -> Lanes<Int32> {
      let (low, high) = (value(built), value(sibling ?? built))
      return (low, low, low, low, low, low, low, low, high, high, high, high, high, high, high, high)
    }
    limits.gradient_total = both(\.total.gradient)
    limits.hessian_total = both(\.total.hessian)
    limits.count_min = both(\.limits.leafRowsMin)
    limits.count_max = both { $0.total.count &- $0.limits.leafRowsMin }
    limits.hessian_min = both(\.limits.hessianQuantaMin)
    limits.hessian_max = both { $0.total.hessian &- $0.limits.hessianQuantaMin }
    self.limits = limits
  }

  // C's arrays of sixteen.
  private typealias Lanes<T> = (T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T)

  /// Takes the built leaf's sums off the parent's, which leaves the sibling's, where there is one, and searches both.
  ///
  /// - Parameters:
  ///   - built: a group's planes.
  ///   - sibling: the same group's; in: the parent's sums, out: the sibling's.
  ///   - scores: for either leaf, what a candidate has to exceed.
  func best(
    _ built: UnsafePointer<Int32>, _ sibling: UnsafeMutablePointer<Int32>?, lineCount: Int,
    above scores: (built: Float, sibling: Float)
  ) -> (built: GroupScan.Best, sibling: GroupScan.Best) {
    var best = (built: GroupScan.Best(above: scores.built), sibling: GroupScan.Best(above: scores.sibling))
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 16) { scores in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: 16) { codes in
        for lane in 0..<8 {
          scores[lane] = best.built.scores[lane]
          scores[8 + lane] = best.sibling.scores[lane]
        }
        let kept = withUnsafePointer(to: limits) { limits in
          chist_search(
            built, sibling, lineCount, limits, isHessianConstant ? 1 : 0, scores.baseAddress, codes.baseAddress)
        }
        best.built.kept = UInt8(truncatingIfNeeded: kept)
        best.sibling.kept = UInt8(truncatingIfNeeded: kept >> 8)
        for lane in 0..<8 {
          best.built.scores[lane] = scores[lane]
          best.built.codes[lane] = codes[lane]
          best.sibling.scores[lane] = scores[8 + lane]
          best.sibling.codes[lane] = codes[8 + lane]
        }
      }
    }
    return best
  }
}
