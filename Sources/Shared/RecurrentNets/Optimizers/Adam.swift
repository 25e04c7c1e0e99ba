// SPDX-License-Identifier: Apache-2.0

/// Adam with decoupled weight decay:
///
///     m ← β₁m + (1 − β₁)g    v ← β₂v + (1 − β₂)g²
///     w ← w·(1 − η·λ)        on weight matrices, not on biases
///     w ← w − η·m̂ / (√v̂ + ε),   m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
///
/// - Source: Kingma & Ba 2015, algorithm 1 (β₁ = 0.9, β₂ = 0.999, ε = 1e-8); Loshchilov & Hutter 2019, algorithm 2.
struct Adam {
  let learningRate: Double
  let weightDecay: Double
  /// The entries that decay.
  let decayedRanges: [Range<Int>]

  private var means: [Float]
  private var squares: [Float]
  private var meanPower = 1.0
  private var squarePower = 1.0

  private static let meanRate = 0.9
  private static let squareRate = 0.999

  init(parameterCount: Int, learningRate: Double, weightDecay: Double, decayedRanges: [Range<Int>]) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.decayedRanges = decayedRanges
    means = [Float](repeating: 0, count: parameterCount)
    squares = means
  }

  /// One step. `scale` multiplies every slope first: the factor that clipping asks for.
  mutating func update(
    _ parameters: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, scale: Float
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
    means.withUnsafeMutableBufferPointer { means in
      squares.withUnsafeMutableBufferPointer { squares in
        guard let m = means.baseAddress, let v = squares.baseAddress else { return }
        let (keepMean, addMean) = (Float(Self.meanRate), Float(1 - Self.meanRate))
        let (keepSquare, addSquare) = (Float(Self.squareRate), Float(1 - Self.squareRate))
        for index in 0..<means.count {
          let slope = scale * gradient[index]
          let mean = keepMean * m[index] + addMean * slope
          let square = keepSquare * v[index] + addSquare * slope * slope
          m[index] = mean
          v[index] = square
          parameters[index] -= rate * mean / ((square * squareScale).squareRoot() + 1e-8)
        }
      }
    }
  }

  func write(to writer: inout ByteWriter) {
    writer.write(means)
    writer.write(squares)
    writer.write(meanPower)
    writer.write(squarePower)
  }

  mutating func read(from reader: inout ByteReader) -> Bool {
    guard let means = reader.readFloats(), let squares = reader.readFloats(), means.count == self.means.count,
      squares.count == self.squares.count, let meanPower = reader.readDouble(), let squarePower = reader.readDouble()
    else { return false }
    (self.means, self.squares) = (means, squares)
    (self.meanPower, self.squarePower) = (meanPower, squarePower)
    return true
  }
}
