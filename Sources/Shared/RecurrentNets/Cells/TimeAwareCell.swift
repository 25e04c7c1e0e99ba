// SPDX-License-Identifier: Apache-2.0

/// One step of the time-aware LSTM over a mini-batch.
///
///     s  = tanh(c·Wdᵀ + bd)            short-term part of the memory before the step
///     c* = c − (1 − g(Δ)) ⊙ s          = (c − s) + g(Δ)·s: the long-term part stays, the short-term part fades
///     i, f, o = σ(x·Wxᵀ + h·Whᵀ + b)   ğ = tanh(x·Wxᵀ + h·Whᵀ + b)
///     c′ = f ⊙ c* + i ⊙ ğ              h′ = o ⊙ tanh(c′)
///
/// Without decay s is left out and c* = c. The elementwise work is cut into loops that write one or two arrays: beyond
/// eight possible overlaps of pointers LLVM gives up vectorising.
///
/// - Shapes: B rows; `gates` [B, 4H] in the order i, f, g, o, which is PyTorch's; all others [B, H], `fading` [B].
/// - Source: Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000 (forget gate); Baytas et al. 2017, section
///   3.2 (memory decay).
struct TimeAwareCell {
  let rows: Int
  let hiddenCount: Int

  /// The short-term part of the memory, and 1 − g(Δ) of each row.
  struct Decay {
    let short: UnsafeMutablePointer<Float>
    let fading: UnsafePointer<Float>
  }

  /// - Parameters:
  ///   - gates: in: before σ and tanh; out: i, f, g, o.
  ///   - decay: its `short` in: before tanh; out: s.
  @inline(__always)
  func forward(
    gates: UnsafeMutablePointer<Float>, decay: Decay?, memoryBefore: UnsafePointer<Float>,
    memory: UnsafeMutablePointer<Float>, squashed: UnsafeMutablePointer<Float>, hidden: UnsafeMutablePointer<Float>
  ) {
    let count = hiddenCount
    if let decay { applyTanh(decay.short, rows * count) }
    for row in 0..<rows {
      let input = gates + row * 4 * count
      let (forget, candidate) = (input + count, input + 2 * count)
      applySigmoid(input, 2 * count)
      applyTanh(candidate, count)
      applySigmoid(input + 3 * count, count)
      let before = memoryBefore + row * count
      let after = memory + row * count
      if let decay {
        let short = decay.short + row * count
        let fading = -decay.fading[row]
        for k in 0..<count {
          after[k] = (input[k] * candidate[k]).addingProduct(forget[k], before[k].addingProduct(fading, short[k]))
        }
      } else {
        for k in 0..<count { after[k] = (input[k] * candidate[k]).addingProduct(forget[k], before[k]) }
      }
    }
    fillTanh(squashed, memory, rows * count)
    for row in 0..<rows {
      let output = gates + (row * 4 + 3) * count
      let (result, squash) = (hidden + row * count, squashed + row * count)
      for k in 0..<count { result[k] = output[k] * squash[k] }
    }
  }

  /// The same step backwards.
  ///
  /// - Parameters:
  ///   - gates: in: i, f, g, o; out: slopes of the loss by the sums before σ and tanh.
  ///   - decay: its `short` in: s; out: slopes by the sum before tanh.
  ///   - hiddenSlopes: ∂loss/∂h′, complete.
  ///   - memorySlopes: in: ∂loss/∂c′ from the step after; out: ∂loss/∂c, but for its way through `short`.
  @inline(__always)
  func backward(
    gates: UnsafeMutablePointer<Float>, decay: Decay?, memoryBefore: UnsafePointer<Float>,
    squashed: UnsafePointer<Float>, hiddenSlopes: UnsafePointer<Float>, memorySlopes: UnsafeMutablePointer<Float>
  ) {
    let count = hiddenCount
    for row in 0..<rows {
      let input = gates + row * 4 * count
      let (forget, candidate, output) = (input + count, input + 2 * count, input + 3 * count)
      let squash = squashed + row * count
      let dHidden = hiddenSlopes + row * count
      let dMemory = memorySlopes + row * count
      for k in 0..<count {
        dMemory[k] = dMemory[k].addingProduct(dHidden[k] * output[k], 1 - squash[k] * squash[k])
      }
      for k in 0..<count { output[k] = dHidden[k] * squash[k] * output[k] * (1 - output[k]) }
      for k in 0..<count {
        let (i, g, slope) = (input[k], candidate[k], dMemory[k])
        input[k] = slope * g * i * (1 - i)
        candidate[k] = slope * i * (1 - g * g)
      }
      let before = memoryBefore + row * count
      if let decay {
        let short = decay.short + row * count
        let fading = -decay.fading[row]
        for k in 0..<count {
          let (f, slope) = (forget[k], dMemory[k])
          forget[k] = slope * before[k].addingProduct(fading, short[k]) * f * (1 - f)
          dMemory[k] = slope * f
        }
        for k in 0..<count { short[k] = fading * dMemory[k] * (1 - short[k] * short[k]) }
      } else {
        for k in 0..<count {
          let (f, slope) = (forget[k], dMemory[k])
          forget[k] = slope * before[k] * f * (1 - f)
          dMemory[k] = slope * f
        }
      }
    }
  }
}
