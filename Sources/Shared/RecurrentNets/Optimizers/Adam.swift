// SPDX-License-Identifier: Apache-2.0

import CWideProducts

/// Adam with decoupled weight decay:
///
///     m ← β₁m + (1 − β₁)g    v ← β₂v + (1 − β₂)g²
///     w ← w·(1 − η·λ)        on weight matrices, not on biases
///     w ← w − η·m̂ / (√v̂ + ε),   m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
///
/// - Source: Kingma & Ba 2015, algorithm 1 (β₁ = 0.9, β₂ = 0.999, ε = 1e-8); Loshchilov & Hutter 2019, algorithm 2.
final class Adam {
  let weightDecay: Double
  /// The entries that decay.
  let decayedRanges: [Range<Int>]
  let means: FloatBuffer
  let squares: FloatBuffer
  private(set) var meanPower = 1.0
  private(set) var squarePower = 1.0

  /// With AVX-512, sixteen entries at once; the bits are the same.
  private let isWide: Bool

  private static let meanRate = 0.9
  private static let squareRate = 0.999

  init(
    parameterCount: Int, weightDecay: Double, decayedRanges: [Range<Int>], isWide: Bool = PackedMatrix.isCPUWide
  ) {
    self.isWide = isWide
    self.weightDecay = weightDecay
    self.decayedRanges = decayedRanges
    means = FloatBuffer(parameterCount)
    squares = FloatBuffer(parameterCount)
  }

  /// One step of size `learningRate`. `scale` multiplies every slope first: the factor that clipping asks for.
  func update(
    _ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, scale: Float, learningRate: Double
  ) {
    meanPower *= Self.meanRate
    squarePower *= Self.squareRate
    if weightDecay > 0 {
      let factor = Float(1 - learningRate * weightDecay)
      for range in decayedRanges {
        for index in range { parameters[index] *= factor }
      }
    }
    let rate = Float(learningRate / (1 - meanPower))
    let squareScale = Float(1 / (1 - squarePower))
    let (m, v) = (means.base, squares.base)
    let (keepMean, addMean) = (Float(Self.meanRate), Float(1 - Self.meanRate))
    let (keepSquare, addSquare) = (Float(Self.squareRate), Float(1 - Self.squareRate))
    if isWide {
      return cwide_adam(
        means.count, m, v, parameters, gradient, scale, keepMean, addMean, keepSquare, addSquare, rate, squareScale,
        1e-8)
    }
    let epsilon = Vector(repeating: 1e-8)
    var index = 0
    while index + vectorWidth <= means.count {
      let slope = scale * gradient.vector(index)
      let mean = keepMean * m.vector(index) + addMean * slope
      let square = keepSquare * v.vector(index) + addSquare * slope * slope
      m.store(mean, index)
      v.store(square, index)
      parameters.store(
        parameters.vector(index) - rate * mean / ((square * squareScale).squareRoot() + epsilon), index)
      index += vectorWidth
    }
    while index < means.count {
      let slope = scale * gradient[index]
      m[index] = keepMean * m[index] + addMean * slope
      v[index] = keepSquare * v[index] + addSquare * slope * slope
      parameters[index] -= rate * m[index] / ((v[index] * squareScale).squareRoot() + 1e-8)
      index += 1
    }
  }

  /// The moments in the layout that `padding` leads to, and how many steps were taken.
  func write(to writer: inout ByteWriter, _ padding: ParameterPadding) {
    for buffer in [means, squares] {
      writer.write(padding.compact(Array(UnsafeBufferPointer(start: buffer.base, count: buffer.count))))
    }
    writer.write(meanPower)
    writer.write(squarePower)
  }

  func restore(means: [Float], squares: [Float], powers: (mean: Double, square: Double)) {
    for index in means.indices {
      self.means.base[index] = means[index]
      self.squares.base[index] = squares[index]
    }
    (meanPower, squarePower) = powers
  }
}
