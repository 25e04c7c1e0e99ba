// SPDX-License-Identifier: Apache-2.0

import Randomness
import Testing

@testable import Search

@Suite struct CMAESStateTests {
  // Goal: a generation's draws are mirrored pairs, pairs of a block orthogonal, lengths those of normal vectors, and a draw is the
  // same whoever asks for which first. Method: a round start, so that draws are directions, λ of more than one block.
  @Test func generation_isOfMirroredOrthogonalPairs() {
    let state = CMAESState(mean: [0.4, 0.5, 0.6], sigma: 0.1, populationSize: 12)
    var squares: [Double] = []
    for seed in 0..<300 as Range<UInt64> {
      let generator = CounterGenerator(key: seed)
      let steps = (0..<12).reversed().map { index in
        zip(state.draw(index, of: generator), state.mean).map { ($0 - $1) / state.sigma }
      }.reversed()
      let list = Array(steps)
      func product(_ a: Int, _ b: Int) -> Double { zip(list[a], list[b]).reduce(0) { $0 + $1.0 * $1.1 } }
      for pair in 0..<6 { for axis in 0..<3 { #expect(abs(list[2 * pair][axis] + list[2 * pair + 1][axis]) < 1e-12) } }
      for block in [0, 6] {
        for (a, b) in [(0, 2), (0, 4), (2, 4)] { #expect(abs(product(block + a, block + b)) < 1e-10) }
      }
      squares += (0..<6).map { product(2 * $0, 2 * $0) }
    }
    // χ² of three: mean 3, deviation √6; 1,800 of them.
    let count = Double(squares.count)
    let mean: Double = squares.reduce(0, +) / count
    let error: Double = (6 / count).squareRoot()
    #expect(abs(mean - 3) < 5 * error)
  }
}
