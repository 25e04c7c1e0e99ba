// SPDX-License-Identifier: Apache-2.0

import Randomness

/// Where in its quantum a row's gradient and hessian are rounded up, for one tree: rounding by it is right on average.
///
/// Rows of one leaf have almost one gradient, so rounding to the nearest quantum would err alike for all of them, and their
/// sum by as much as the rows are many. With a threshold of each row's own the errors cancel.
///
/// - Source: stochastic rounding, Shi et al. 2022, section 4.1; here a function of (tree, row), so that a training that goes on
///   from a checkpoint, or with other threads or fewer rows drawn, rounds alike.
struct GradientDither {
  private let key: UInt32

  /// - Parameter tree: counted from 0. The training's seed plays no part: without sampling a model does not depend on it.
  init(tree: Int) { key = UInt32(truncatingIfNeeded: derivedSeed(0, .rounding, tree)) }

  /// Thresholds in (0, 1), of 16 bits each.
  ///
  /// - Source: MurmurHash3's 32-bit finalizer (Appleby 2011) over a Weyl sequence.
  @inline(__always) func callAsFunction(_ row: UInt32) -> (gradient: Double, hessian: Double) {
    var z = row &* 0x9E37_79B9 &+ key
    z = (z ^ z &>> 16) &* 0x85EB_CA6B
    z = (z ^ z &>> 13) &* 0xC2B2_AE35
    z ^= z &>> 16
    return (Self.threshold(z &>> 16), Self.threshold(z & 0xFFFF))
  }

  @inline(__always) private static func threshold(_ bits: UInt32) -> Double {
    Double(Int32(truncatingIfNeeded: bits)) * 0x1p-16 + 0x1p-17
  }

  /// A gain that the rounding alone may bring to a leaf of these sums, in quanta of gradient squared a quantum of hessian: 32
  /// times the rounding's variance, which is at most 1/4 a row in gradient and in hessian. The best of all candidates of a leaf
  /// whose rows are all alike stays below it.
  static func gain(_ sums: QuantaSums) -> Double {
    let ratio = Double(sums.gradient) / Double(max(sums.hessian, 1))
    return 8 * Double(sums.count) * (1 + ratio * ratio) / Double(max(sums.hessian, 1))
  }
}
