// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Learned waves of the elapsed hours Δ, joined to the inputs: with u = log(1 + Δ), the first is w·u + b and the others are
/// sin(w·u + b).
///
/// - Source: Kazemi et al. 2019, "Time2Vec", formula 1; u in place of the time keeps days and minutes in one range.
struct TimeEncoding {
  /// E
  let count: Int
  let frequencies: Int
  let phases: Int

  /// Fills the last E columns of `inputs`, whose rows are `stride` apart.
  func forward(
    _ parameters: UnsafePointer<Float>, elapsed: UnsafePointer<Float>, cellCount: Int,
    inputs: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let (w, b) = (parameters + frequencies, parameters + phases)
    for cell in 0..<cellCount {
      let target = inputs + cell * stride + stride - count
      let u = log1pf(elapsed[cell])
      target[0] = b[0].addingProduct(w[0], u)
      for wave in 1..<max(count, 1) { target[wave] = sinf(b[wave].addingProduct(w[wave], u)) }
    }
  }

  /// - Parameter slopes: ∂loss/∂inputs, rows `stride` apart.
  func backward(
    _ parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, elapsed: UnsafePointer<Float>,
    cellCount: Int, slopes: UnsafePointer<Float>, stride: Int
  ) {
    let (w, b) = (parameters + frequencies, parameters + phases)
    for wave in 0..<count { (gradient[frequencies + wave], gradient[phases + wave]) = (0, 0) }
    for cell in 0..<cellCount {
      let source = slopes + cell * stride + stride - count
      let u = log1pf(elapsed[cell])
      for wave in 0..<count {
        let slope = wave == 0 ? source[0] : source[wave] * cosf(b[wave].addingProduct(w[wave], u))
        gradient[phases + wave] += slope
        gradient[frequencies + wave] += slope * u
      }
    }
  }
}

/// Channels that fade to their mean, which is 0, while they are not observed:
///
///     x̂ = x·(m + (1 − m)·γ)    γ = e^−max(0, w·age + b), each channel its own w and b
///
/// where x is the last value observed and m whether it was observed in this step.
///
/// - Shapes: the first 3C columns of the inputs are x, m and age.
/// - Source: Che et al. 2018, formulas 10 and 11.
struct InputDecay {
  /// C
  let count: Int
  let weights: Int
  let bias: Int

  /// In place. `kept` [P, C] ← γ and `values` [P, C] ← x, for the way back.
  func forward(
    _ parameters: UnsafePointer<Float>, cellCount: Int, inputs: UnsafeMutablePointer<Float>, stride: Int,
    kept: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>
  ) {
    let (w, b) = (parameters + weights, parameters + bias)
    for cell in 0..<cellCount {
      let x = inputs + cell * stride
      for channel in 0..<count {
        let exponent = b[channel].addingProduct(w[channel], x[2 * count + channel])
        let share = exponent > 0 ? expf(-exponent) : 1
        let mask = x[count + channel]
        kept[cell * count + channel] = share
        values[cell * count + channel] = x[channel]
        x[channel] *= mask + (1 - mask) * share
      }
    }
  }

  /// `slopes`: in: by x̂, m and age as the cells read them; out: by x, m and age as they were loaded.
  func backward(
    _ parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, cellCount: Int,
    inputs: UnsafePointer<Float>, stride: Int, kept: UnsafePointer<Float>, values: UnsafePointer<Float>,
    slopes: UnsafeMutablePointer<Float>
  ) {
    let w = parameters + weights
    for channel in 0..<count { (gradient[weights + channel], gradient[bias + channel]) = (0, 0) }
    for cell in 0..<cellCount {
      let (x, slope) = (inputs + cell * stride, slopes + cell * stride)
      for channel in 0..<count {
        let (share, value) = (kept[cell * count + channel], values[cell * count + channel])
        let (mask, age, top) = (x[count + channel], x[2 * count + channel], slope[channel])
        let exponentSlope = share < 1 ? -top * value * (1 - mask) * share : 0
        gradient[bias + channel] += exponentSlope
        gradient[weights + channel] += exponentSlope * age
        slope[channel] = top * (mask + (1 - mask) * share)
        slope[count + channel] += top * value * (1 - share)
        slope[2 * count + channel] += exponentSlope * w[channel]
      }
    }
  }
}
