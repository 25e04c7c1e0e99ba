// SPDX-License-Identifier: Apache-2.0

/// A layer's output, each cell by itself brought to mean 0 and variance 1, then given a learned gain and bias:
///
///     y = (x − mean)/√(variance + 1e-5)·w + b
///
/// - Shapes: rows of D directions of `paddedCount` units, of which `hiddenCount` are real; the others stay 0.
/// - Source: Ba, Kiros & Hinton 2016; ε as in PyTorch's LayerNorm.
struct LayerNorm {
  let directionCount: Int
  let hiddenCount: Int
  let paddedCount: Int
  let gain: Int
  let bias: Int

  private var width: Int { directionCount * paddedCount }

  @inline(__always)
  private func forEachUnit(_ body: (Int) -> Void) {
    for direction in 0..<directionCount {
      for k in 0..<hiddenCount { body(direction * paddedCount + k) }
    }
  }

  /// In place; `normal` ← (x − mean)/√…, `inverse` [P] ← 1/√….
  func forward(
    _ parameters: UnsafePointer<Float>, cellCount: Int, values: UnsafeMutablePointer<Float>,
    normal: UnsafeMutablePointer<Float>, inverse: UnsafeMutablePointer<Float>
  ) {
    let (w, b) = (parameters + gain, parameters + bias)
    let share = 1 / Float(directionCount * hiddenCount)
    for cell in 0..<cellCount {
      let (x, n) = (values + cell * width, normal + cell * width)
      var (mean, square): (Float, Float) = (0, 0)
      forEachUnit { mean += x[$0] }
      mean *= share
      forEachUnit { square += (x[$0] - mean) * (x[$0] - mean) }
      let scale = 1 / (square * share + 1e-5).squareRoot()
      inverse[cell] = scale
      forEachUnit { k in
        n[k] = (x[k] - mean) * scale
        x[k] = b[k].addingProduct(n[k], w[k])
      }
    }
  }

  /// `slopes`: in: by y; out: by x, zero in the padding.
  func backward(
    _ parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, cellCount: Int,
    slopes: UnsafeMutablePointer<Float>, normal: UnsafePointer<Float>, inverse: UnsafePointer<Float>
  ) {
    let w = parameters + gain
    let share = 1 / Float(directionCount * hiddenCount)
    let (gainSlopes, biasSlopes) = (gradient + gain, gradient + bias)
    for k in 0..<width { (gainSlopes[k], biasSlopes[k]) = (0, 0) }
    for cell in 0..<cellCount {
      let (dy, n) = (slopes + cell * width, normal + cell * width)
      var (mean, moment): (Float, Float) = (0, 0)
      forEachUnit { k in
        gainSlopes[k] += dy[k] * n[k]
        biasSlopes[k] += dy[k]
        mean += dy[k] * w[k]
        moment += dy[k] * w[k] * n[k]
      }
      mean *= share
      moment *= share
      forEachUnit { k in dy[k] = inverse[cell] * (dy[k] * w[k] - mean - n[k] * moment) }
      for direction in 0..<directionCount {
        for k in hiddenCount..<paddedCount { dy[direction * paddedCount + k] = 0 }
      }
    }
  }
}
