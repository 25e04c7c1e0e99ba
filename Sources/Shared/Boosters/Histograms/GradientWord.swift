// SPDX-License-Identifier: Apache-2.0

/// A row's gradient, hessian and count of 1, or sums of such over a batch of rows, as one 64-bit word, so that a row adds
/// itself to a bin by one addition to memory:
///
///     bits 63…38  gradient in quanta, signed      bits 37…12  hessian in quanta      bits 11…0  rows
///
/// and where each row has the same hessian, which then is the count:
///
///     bits 63…32  gradient in quanta, signed      bits 31…0  rows
///
/// The lower fields are never negative, so none borrows from another, as long as a batch keeps `GradientScale`'s bounds.
enum GradientWord {
  static let rowsPerBatchMax = 4_095

  @inline(__always) static func make(gradient: Int32, hessian: Int32) -> Int64 {
    Int64(gradient) << 38 &+ Int64(hessian) << 12 &+ 1
  }

  @inline(__always) static func make(gradient: Int32) -> Int64 { Int64(gradient) << 32 &+ 1 }
}

/// Exact sums over rows in quanta. With a constant hessian `hessian` equals `count`: a quantum of hessian is a row's.
struct QuantaSums: Equatable {
  var gradient: Int32 = 0
  var hessian: Int32 = 0
  var count: Int32 = 0

  static func - (left: QuantaSums, right: QuantaSums) -> QuantaSums {
    QuantaSums(
      gradient: left.gradient &- right.gradient, hessian: left.hessian &- right.hessian,
      count: left.count &- right.count)
  }

  static func + (left: QuantaSums, right: QuantaSums) -> QuantaSums {
    QuantaSums(
      gradient: left.gradient &+ right.gradient, hessian: left.hessian &+ right.hessian,
      count: left.count &+ right.count)
  }
}

/// How much a quantum is, for one tree, and how many rows a word may sum.
///
/// Integer sums do not depend on their order, and "parent − child = sibling" is exact on leaves of any size, where float
/// sums cancel.
/// - Source: integer gradients after Shi et al. 2022, "Quantized Training of Gradient Boosting Decision Trees"; theirs have
///   2–5 bits, these about 13 in the largest row and more in small data.
struct GradientScale {
  /// Quanta a unit of gradient.
  let gradient: Double
  /// Quanta a unit of hessian.
  let hessian: Double
  let rowsPerBatch: Int

  /// Most rows for which sums in quanta stay within 31 bits and a quantum can still be told from rounding.
  static let rowCountMax = 1 << 28

  struct Extent {
    var sum = 0.0
    var max = 0.0
  }

  /// - Parameters:
  ///   - gradients: of |g| over the tree's rows.
  ///   - hessians: nil where each row has the same, `rowHessian`.
  init(gradients: Extent, hessians: Extent?, rowHessian: Double, rowCount: Int) {
    let rows = Double(rowCount)
    let whole = Double(Int32.max - 1) - rows
    guard let hessians else {
      gradient = gradients.sum > 0 ? whole / gradients.sum : 0
      hessian = rowHessian > 0 ? 1 / rowHessian : 0
      rowsPerBatch = GradientWord.rowsPerBatchMax
      return
    }
    func scale(_ extent: Extent, bits: Int, batch: Int) -> Double {
      guard extent.sum > 0 else { return 0 }
      // No batch sums to more than all rows do, nor to more than its rows times the largest.
      let most = min(extent.sum, extent.max * Double(batch))
      return min(whole / extent.sum, (Double(1 << bits - 1) - Double(batch)) / most)
    }
    // A few huge rows leave the others few quanta; a smaller batch gives all rows more, at the price of more widening.
    func mean(batch: Int) -> Double {
      let quanta = min(
        scale(gradients, bits: 25, batch: batch) * gradients.sum, scale(hessians, bits: 26, batch: batch) * hessians.sum
      )
      return quanta / max(rows, 1)
    }
    var batch = GradientWord.rowsPerBatchMax
    while batch > 64, mean(batch: batch) < 64 { batch /= 4 }
    gradient = scale(gradients, bits: 25, batch: batch)
    hessian = scale(hessians, bits: 26, batch: batch)
    rowsPerBatch = batch
  }

  /// Rounded by thresholds of the row's own.
  @inline(__always) func word(
    gradient g: Double, hessian h: Double, _ threshold: (gradient: Double, hessian: Double)
  ) -> Int64 {
    GradientWord.make(
      gradient: Int32((g * gradient + threshold.gradient).rounded(.down)),
      hessian: Int32((h * hessian + threshold.hessian).rounded(.down)))
  }

  /// Where each row has the same hessian: the gradient's field is 7 bits wider, rounding to the nearest serves.
  @inline(__always) func word(gradient g: Double) -> Int64 {
    GradientWord.make(gradient: Int32((g * gradient).rounded(.toNearestOrEven)))
  }
}
