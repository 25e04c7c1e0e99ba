// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Randomness

/// Owen-scrambled Sobol points: point k is trial k, one dimension an axis.
///
/// Scrambling keeps the net: of the first 2ᵐ points each of 2ᵐ equal parts of an axis holds exactly one, for every seed.
///
/// - Source: Sobol 1967; Owen 1995, "Randomly Permuted (t,m,s)-Nets and (t,s)-Sequences".
package struct SobolSampler: Sampler {
  private let cube: UnitCube
  private let fallback: RandomSampler
  private let points: SobolPoints

  package init(space: SearchSpace, seed: UInt64) {
    cube = UnitCube(space)
    fallback = RandomSampler(space: space, seed: seed)
    points = SobolPoints(dimensionCount: cube.axes.count, seed: seed)
  }

  package func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
    guard number >= 0 else { return nil }
    let proposal = cube.parameters { points.coordinate(of: number, dimension: $0) }
    return cube.space.allows(proposal) ? proposal : fallback.suggest(trial: number, after: history)
  }
}

/// The points themselves, 32 bits deep, filled up with random bits below.
struct SobolPoints: Sendable {
  private static let bitCount = 32
  /// Dimension by dimension, `bitCount` direction numbers, the first in the highest bit.
  private let directions: [UInt32]
  private let seed: UInt64

  init(dimensionCount: Int, seed: UInt64) {
    self.seed = derivedSeed(seed, .sampling, 0x50B0)
    directions = SobolDirections.make(dimensionCount: dimensionCount).flatMap { $0 }
  }

  /// In [0, 1).
  func coordinate(of index: Int, dimension: Int) -> Double {
    // Gray-code order visits the same points within each block of 2ᵐ as the plain order, which is what is kept here.
    var (rest, bits) = (UInt32(truncatingIfNeeded: index), UInt32(0))
    var position = dimension * Self.bitCount
    while rest != 0 {
      if rest & 1 == 1 { bits ^= directions[position] }
      rest >>= 1
      position += 1
    }
    let key = CounterGenerator.mix(seed &+ UInt64(dimension) &* 0x9E37_79B9_7F4A_7C15)
    let scrambled = scramble(bits, key: key)
    let low = CounterGenerator.mix(key ^ UInt64(scrambled) &* 0xD6E8_FEB8_6659_FD93) >> 43
    return (Double(scrambled) * 0x1p21 + Double(low)) * 0x1p-53
  }

  /// Each bit is flipped or not by a coin that the bits above it choose.
  private func scramble(_ bits: UInt32, key: UInt64) -> UInt32 {
    var result: UInt32 = 0
    for depth in 0..<UInt32(Self.bitCount) {
      let above = depth == 0 ? 0 : UInt64(bits >> (32 - depth)) | 1 << UInt64(depth)
      let coin = UInt32(truncatingIfNeeded: CounterGenerator.mix(key &+ above &* 0xBF58_476D_1CE4_E5B9) >> 63)
      result |= ((bits >> (31 - depth) & 1) ^ coin) << (31 - depth)
    }
    return result
  }
}
