// SPDX-License-Identifier: Apache-2.0

import CWideProducts

/// One step of the time-aware LSTM over a mini-batch, elementwise:
///
///     s  = tanh(c·Wdᵀ + bd)            short-term part of the memory before the step
///     c* = c − (1 − g(Δ)) ⊙ s          = (c − s) + g(Δ)·s: the long-term part stays, the short-term part fades
///     i, f, o = σ(x·Wxᵀ + h·Whᵀ + b)   ğ = tanh(x·Wxᵀ + h·Whᵀ + b)
///     c′ = f ⊙ c* + i ⊙ ğ              h′ = o ⊙ tanh(c′)
///
/// Without decay s is left out and c* = c.
///
/// - Shapes: B rows of H units, H a multiple of eight; `gates` [B, 4H] in the order i, f, g, o, which is PyTorch's; all
///   others [B, H] without gaps but for the layer's output, whose rows are `outputStride` apart.
/// - Source: Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000 (forget gate); Baytas et al. 2017, section
///   3.2 (memory decay).
struct CellStep {
  let rows: Int
  let hiddenCount: Int
  /// In: sums before σ and tanh; after `forward`: i, f, g, o; after `backward`: slopes by the sums.
  let gates: UnsafeMutablePointer<Float>
  /// c, kept for the way back
  let memoryBefore: UnsafeMutablePointer<Float>
  /// tanh(c′)
  let squashed: UnsafeMutablePointer<Float>
  let outputStride: Int
  /// With AVX-512, sixteen units at once; the bits are the same.
  var isWide = PackedMatrix.isCPUWide

  /// The memory's decay at this step.
  struct Decay {
    /// In: sums before tanh; after `forward`: s; after `backward`: slopes by the sums.
    let short: UnsafeMutablePointer<Float>
    /// 1 − g(Δ); after `backward`: the slope by g's exponent over Δ, ∂loss/∂(1 − g) · g.
    let fading: UnsafeMutablePointer<Float>
  }

  /// - Parameters:
  ///   - memory: in: c; out: c′.
  ///   - hidden: out: h′, and once more in `output`.
  func forward(
    decay: Decay?, memory: UnsafeMutablePointer<Float>, hidden: UnsafeMutablePointer<Float>,
    output: UnsafeMutablePointer<Float>
  ) {
    let count = hiddenCount
    if isWide {
      return cwide_cell_forward(
        rows, count, gates, memoryBefore, squashed, decay?.short, decay?.fading, memory, hidden, output, outputStride)
    }
    for row in 0..<rows {
      let (input, forget) = (gates + row * 4 * count, gates + (row * 4 + 1) * count)
      let (candidate, opening) = (gates + (row * 4 + 2) * count, gates + (row * 4 + 3) * count)
      let base = row * count
      let target = output + row * outputStride
      var k = 0
      while k < count {
        let i = sigmoid(input.vector(k))
        let f = sigmoid(forget.vector(k))
        let g = hyperbolicTangent(candidate.vector(k))
        let o = sigmoid(opening.vector(k))
        let before = memory.vector(base + k)
        var kept = before
        if let decay {
          let short = hyperbolicTangent(decay.short.vector(base + k))
          decay.short.store(short, base + k)
          kept = before - decay.fading.vector(base + k) * short
        }
        let after = (i * g).addingProduct(f, kept)
        let squash = hyperbolicTangent(after)
        let result = o * squash
        input.store(i, k)
        forget.store(f, k)
        candidate.store(g, k)
        opening.store(o, k)
        memoryBefore.store(before, base + k)
        memory.store(after, base + k)
        squashed.store(squash, base + k)
        hidden.store(result, base + k)
        target.store(result, k)
        k += vectorWidth
      }
    }
  }

  /// The same step backwards.
  ///
  /// - Parameters:
  ///   - outputSlopes: ∂loss/∂h′ by the layer's output, rows `outputStride` apart.
  ///   - hiddenSlopes: ∂loss/∂h′ by the step that comes after.
  ///   - memorySlopes: in: ∂loss/∂c′ from that step; out: ∂loss/∂c, but for its way through `short`.
  func backward(
    decay: Decay?, outputSlopes: UnsafePointer<Float>, hiddenSlopes: UnsafePointer<Float>,
    memorySlopes: UnsafeMutablePointer<Float>
  ) {
    let count = hiddenCount
    if isWide {
      return cwide_cell_backward(
        rows, count, gates, memoryBefore, squashed, decay?.short, decay?.fading, outputSlopes, outputStride,
        hiddenSlopes, memorySlopes)
    }
    let one = Vector(repeating: 1)
    for row in 0..<rows {
      let (input, forget) = (gates + row * 4 * count, gates + (row * 4 + 1) * count)
      let (candidate, opening) = (gates + (row * 4 + 2) * count, gates + (row * 4 + 3) * count)
      let base = row * count
      let source = outputSlopes + row * outputStride
      var k = 0
      while k < count {
        let (i, f) = (input.vector(k), forget.vector(k))
        let (g, o) = (candidate.vector(k), opening.vector(k))
        let squash = squashed.vector(base + k)
        let before = memoryBefore.vector(base + k)
        let opened = (source.vector(k) + hiddenSlopes.vector(base + k)) * o
        let slope = memorySlopes.vector(base + k).addingProduct(opened, one - squash * squash)
        let throughInput = slope * i
        let fadedSlope = slope * f
        var kept = before
        if let decay {
          let (short, fading) = (decay.short.vector(base + k), decay.fading.vector(base + k))
          kept = before - fading * short
          decay.short.store(-fading * fadedSlope * (one - short * short), base + k)
          decay.fading.store(-fadedSlope * short * (one - fading), base + k)
        }
        opening.store(opened * squash * (one - o), k)
        input.store(throughInput * g * (one - i), k)
        candidate.store(throughInput * (one - g * g), k)
        forget.store(fadedSlope * kept * (one - f), k)
        memorySlopes.store(fadedSlope, base + k)
        k += vectorWidth
      }
    }
  }
}
