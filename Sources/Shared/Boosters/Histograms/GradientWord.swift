// SPDX-License-Identifier: Apache-2.0

/// A gradient and a hessian in quanta, or sums of such, as one 64-bit word: gradient in the upper half, signed, hessian in
/// the lower half, 0 ≤ h < 2³¹. Sums and differences of words are words: the lower half never borrows.
enum GradientWord {
  #if _endian(little)
    static let hessianHalf = 0
    static let gradientHalf = 1
  #else
    static let hessianHalf = 1
    static let gradientHalf = 0
  #endif

  @inline(__always) static func make(gradient: Int64, hessian: Int64) -> Int64 { gradient << 32 &+ hessian }
  @inline(__always) static func gradient(_ word: Int64) -> Int32 { Int32(truncatingIfNeeded: word >> 32) }
  @inline(__always) static func hessian(_ word: Int64) -> Int32 { Int32(truncatingIfNeeded: word) }
}

/// How much a quantum is, for one tree.
struct GradientScale {
  /// Quanta a unit of gradient.
  let gradient: Double
  /// Quanta a unit of hessian.
  let hessian: Double

  /// Most rows for which a quantum can still be told from rounding.
  static let rowCountMax = 1 << 28

  /// Sums of |g| and h over the tree's rows are spread over 2³¹ − 2 quanta, less half a quantum of rounding a row: no sum
  /// of any subset overflows 31 bits.
  init(gradientSum: Double, hessianSum: Double, rowCount: Int) {
    let room = Double(Int32.max - 1) - Double(rowCount)
    gradient = gradientSum > 0 ? room / gradientSum : 0
    hessian = hessianSum > 0 ? room / hessianSum : 0
  }

  @inline(__always) func word(gradient g: Double, hessian h: Double) -> Int64 {
    GradientWord.make(
      gradient: Int64((g * gradient).rounded(.toNearestOrEven)),
      hessian: Int64((h * hessian).rounded(.toNearestOrEven)))
  }
}
