// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Randomness

/// Halton points with scrambled digits: point k is trial k, one prime base an axis.
///
/// Digit j of axis b becomes a·d + c mod b, with a ≠ 0 and c drawn for (seed, axis, j): equal parts of an axis stay
/// equally filled, and the correlation of neighbouring large bases is broken.
///
/// - Source: Halton 1960; Matoušek 1998, "On the L2-Discrepancy for Anchored Boxes" (random linear scrambling).
package struct HaltonSampler: Sampler {
  private let cube: UnitCube
  private let fallback: RandomSampler
  private let bases: [Int]
  private let seed: UInt64

  package init(space: SearchSpace, seed: UInt64) {
    cube = UnitCube(space)
    fallback = RandomSampler(space: space, seed: seed)
    self.seed = derivedSeed(seed, .sampling, 0x4A17)
    var primes: [Int] = []
    var candidate = 2
    while primes.count < cube.axes.count {
      if primes.allSatisfy({ !candidate.isMultiple(of: $0) }) { primes.append(candidate) }
      candidate += 1
    }
    bases = primes
  }

  package func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
    guard number >= 0 else { return nil }
    let proposal = cube.parameters { coordinate(of: number, axis: $0) }
    return cube.space.allows(proposal) ? proposal : fallback.suggest(trial: number, after: history)
  }

  private func coordinate(of index: Int, axis: Int) -> Double {
    let base = bases[axis]
    var generator = CounterGenerator(key: derivedSeed(seed, .sampling, axis))
    var (rest, scale, value) = (index, 1.0, 0.0)
    // Leading zeros are scrambled as well, down to the last digit that a Double can tell.
    while scale > 0x1p-50 {
      let factor = 1 + generator.below(base - 1)
      let digit = (factor * (rest % base) + generator.below(base)) % base
      scale /= Double(base)
      value += Double(digit) * scale
      rest /= base
    }
    return min(value, 1 - 0x1p-53)
  }
}
