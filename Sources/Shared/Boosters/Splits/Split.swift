// SPDX-License-Identifier: Apache-2.0

/// A way to part a leaf's rows in two.
struct Split: Equatable {
  var column: Int
  /// Rows whose bin is 1...bin go left; of a categorical column those in `leftBins`.
  var bin: Int
  /// Of a categorical column; nil for a numeric one.
  var leftBins: BinSet?
  var isMissingLeft: Bool
  /// Whether missing rows of the leaf told the direction.
  var hasMissing: Bool
  /// G_L²/(H_L + λ) + G_R²/(H_R + λ) − G²/(H + λ), each G shrunk towards 0 by the L1 penalty; in units of the loss.
  var gain: Double
  /// Of the rows that go left.
  var left: QuantaSums
}

/// A set of bins.
struct BinSet: Hashable {
  private var words = SIMD4<UInt64>.zero

  func contains(_ bin: Int) -> Bool { words[bin / 64] >> UInt64(bin % 64) & 1 == 1 }
  mutating func insert(_ bin: Int) { words[bin / 64] |= 1 << UInt64(bin % 64) }
}

/// Where a leaf's value, before shrinkage, has to lie: the bounds that splits on monotone columns above it have set.
struct ValueBounds: Hashable {
  var low = -Double.infinity
  var high = Double.infinity

  var isFree: Bool { low == -.infinity && high == .infinity }
  func clamp(_ value: Double) -> Double { min(max(value, low), high) }
}

/// What a split has to keep, and how candidates are scored; in the tree's quanta for the search, in units of the loss for
/// the winner's gain.
struct SplitLimits {
  let leafRowsMin: Int32
  let gainMin: Double
  let scale: GradientScale
  /// Whether gradients and hessians were rounded by `GradientDither`.
  let isDithered: Bool
  let l1: Double
  let l2: Double
  /// At least one quantum: below it the histogram cannot tell a leaf from an empty one.
  let hessianQuantaMin: Int32
  let l1Quanta: Float
  let l2Quanta: Float

  init(
    leafRowsMin: Int, hessianMin: Double, l1: Double, l2: Double, gainMin: Double, scale: GradientScale,
    isDithered: Bool = false
  ) {
    self.leafRowsMin = Int32(min(max(leafRowsMin, 1), 1 << 30))
    self.gainMin = gainMin
    self.scale = scale
    self.isDithered = isDithered
    self.l1 = l1
    self.l2 = l2
    l1Quanta = Float(l1 * scale.gradient)
    // So that products of two denominators stay finite in single precision; the order of scores no longer changes here.
    l2Quanta = Float(min(l2 * scale.hessian, 1e18))
    hessianQuantaMin = Int32(min(max((hessianMin * scale.hessian).rounded(.up), 1), 2e9))
  }

  /// Scores in quanta over scores in units of the loss.
  var scoreQuanta: Double { scale.hessian > 0 ? scale.gradient * scale.gradient / scale.hessian : 0 }

  /// What a split of a leaf has to gain in units of the loss, or it may be rounding.
  func gainMin(of leaf: QuantaSums) -> Double {
    guard isDithered, scoreQuanta > 0 else { return gainMin }
    return max(gainMin, GradientDither.gain(leaf) / scoreQuanta)
  }

  func keeps(_ sums: QuantaSums) -> Bool { sums.count >= leafRowsMin && sums.hessian >= hessianQuantaMin }

  /// −S(G)/(H + λ) within the bounds: the leaf's value before shrinkage.
  func value(_ sums: QuantaSums, bounds: ValueBounds, extraL2: Double = 0) -> Double {
    guard scale.gradient > 0, scale.hessian > 0 else { return bounds.clamp(0) }
    let gradient = Double(sums.gradient) / scale.gradient
    let magnitude = max(abs(gradient) - l1, 0)
    let denominator = Double(sums.hessian) / scale.hessian + l2 + extraL2
    guard denominator > 0 else { return bounds.clamp(0) }
    return bounds.clamp((gradient > 0 ? -magnitude : magnitude) / denominator)
  }

  /// S(G)²/(H + λ) in units of the loss, from sums in quanta; with bounds, twice what the bounded value takes off the loss.
  func score(_ sums: QuantaSums, bounds: ValueBounds = ValueBounds(), extraL2: Double = 0) -> Double {
    guard scale.gradient > 0, scale.hessian > 0 else { return 0 }
    let gradient = Double(sums.gradient) / scale.gradient
    let magnitude = max(abs(gradient) - l1, 0)
    let hessian = Double(sums.hessian) / scale.hessian + l2 + extraL2
    guard hessian > 0 else { return 0 }
    guard !bounds.isFree else { return magnitude * magnitude / hessian }
    let value = value(sums, bounds: bounds, extraL2: extraL2)
    return -(2 * (gradient > 0 ? magnitude : -magnitude) * value + hessian * value * value)
  }
}
