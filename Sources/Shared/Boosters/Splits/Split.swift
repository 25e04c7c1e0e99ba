// SPDX-License-Identifier: Apache-2.0

/// A way to part a leaf's rows in two.
struct Split: Equatable {
  var column: Int
  /// Rows whose bin is 1...bin go left.
  var bin: Int
  var isMissingLeft: Bool
  /// Whether missing rows of the leaf told the direction.
  var hasMissing: Bool
  /// G_L²/(H_L + λ) + G_R²/(H_R + λ) − G²/(H + λ), each G shrunk towards 0 by the L1 penalty; in units of the loss.
  var gain: Double
  /// Of the rows that go left.
  var left: QuantaSums
}

/// What a split has to keep, and how candidates are scored; in the tree's quanta for the search, in units of the loss for
/// the winner's gain.
struct SplitLimits {
  let leafRowsMin: Int32
  let gainMin: Double
  let scale: GradientScale
  let l1: Double
  let l2: Double
  /// At least one quantum: below it the histogram cannot tell a leaf from an empty one.
  let hessianQuantaMin: Int32
  let l1Quanta: Float
  let l2Quanta: Float

  init(leafRowsMin: Int, hessianMin: Double, l1: Double, l2: Double, gainMin: Double, scale: GradientScale) {
    self.leafRowsMin = Int32(min(max(leafRowsMin, 1), 1 << 30))
    self.gainMin = gainMin
    self.scale = scale
    self.l1 = l1
    self.l2 = l2
    l1Quanta = Float(l1 * scale.gradient)
    // So that products of two denominators stay finite in single precision; the order of scores no longer changes here.
    l2Quanta = Float(min(l2 * scale.hessian, 1e18))
    hessianQuantaMin = Int32(min(max((hessianMin * scale.hessian).rounded(.up), 1), 2e9))
  }

  /// S(G)²/(H + λ) in units of the loss, from sums in quanta.
  func score(_ sums: QuantaSums) -> Double {
    guard scale.gradient > 0, scale.hessian > 0 else { return 0 }
    let gradient = max(abs(Double(sums.gradient) / scale.gradient) - l1, 0)
    let hessian = Double(sums.hessian) / scale.hessian + l2
    return hessian > 0 ? gradient * gradient / hessian : 0
  }
}
