// SPDX-License-Identifier: Apache-2.0

import Randomness
import Testing

@testable import RecurrentNets

/// What the formulas mean is held by the gradient checks and PyTorch's golden tensors; here: that both kernels compute the same.
@Suite struct CellStepTests {
  /// All that a step reads and writes, from a seed.
  private struct Buffers {
    let all: [FloatBuffer]

    init(rows: Int, count: Int, seed: UInt64) {
      var random = CounterGenerator(key: seed)
      // gates, memory before, tanh of memory, short, fading, memory, hidden, output, output slopes
      all = [4 * count, count, count, count, count, count, count, count + 8, count + 8].map { width in
        let buffer = FloatBuffer(rows * width)
        // Some beyond where σ and tanh are 1 in single precision.
        for index in 0..<rows * width { buffer.base[index] = Float(random.normal()) * (index % 7 == 0 ? 40 : 1) }
        return buffer
      }
      for index in 0..<rows * count { all[4].base[index] = Float(random.uniform()) }
    }

    var bits: [[UInt32]] {
      all.map { buffer in (0..<buffer.count).map { buffer.base[$0].bitPattern } }
    }
  }

  private func run(rows: Int, count: Int, hasDecay: Bool, isWide: Bool) -> [[[UInt32]]] {
    let buffers = Buffers(rows: rows, count: count, seed: UInt64(rows * 1_000 + count))
    let part = buffers.all.map(\.base)
    var step = CellStep(
      rows: rows, hiddenCount: count, gates: part[0], memoryBefore: part[1], squashed: part[2], outputStride: count + 8)
    step.isWide = isWide
    let decay = hasDecay ? CellStep.Decay(short: part[3], fading: part[4]) : nil
    step.forward(decay: decay, memory: part[5], hidden: part[6], output: part[7])
    let forward = buffers.bits
    step.backward(decay: decay, outputSlopes: part[8], hiddenSlopes: part[6], memorySlopes: part[5])
    return [forward, buffers.bits]
  }

  /// Not run: on a CPU without AVX-512.
  @Test(
    .enabled(if: PackedMatrix.isCPUWide, "not run: this CPU has no AVX-512"),
    arguments: [(1, 8), (1, 16), (3, 24), (5, 64), (2, 136)])
  func step_hasTheSameBits_withAndWithoutAVX512(rows: Int, count: Int) {
    for hasDecay in [false, true] {
      let wide = run(rows: rows, count: count, hasDecay: hasDecay, isWide: true)
      let narrow = run(rows: rows, count: count, hasDecay: hasDecay, isWide: false)
      #expect(wide[0] == narrow[0], "forward, decay \(hasDecay)")
      #expect(wide[1] == narrow[1], "backward, decay \(hasDecay)")
      #expect(narrow[0] != narrow[1])
    }
  }
}
