// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Each parameter drawn on its own, from its own distribution.
///
/// A parameter's stream is named by (seed, trial, the parameter's name): adding, removing or moving a parameter leaves
/// the draws of all others as they were.
///
/// - Source: Bergstra & Bengio 2012, "Random Search for Hyper-Parameter Optimization".
package struct RandomSampler: Sampler {
  package let space: SearchSpace
  package let seed: UInt64

  package init(space: SearchSpace, seed: UInt64) {
    self.space = space
    self.seed = seed
  }

  /// Never `nil`: a finite space is drawn from again and again. Draws that break a requirement are drawn anew.
  package func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
    for attempt in 0..<SearchSpace.drawCountMax {
      let proposal = draw(number, attempt)
      if space.allows(proposal) { return proposal }
    }
    return nil
  }

  /// The `attempt`-th draw for a trial; the first is the same with and without requirements.
  func draw(_ number: Int, _ attempt: Int) -> Parameters {
    space.walk { parameter, _ in
      let name = Int(truncatingIfNeeded: nameHash(parameter.name))
      let key = derivedSeed(seed, .sampling, number, name)
      var generator = CounterGenerator(key: attempt == 0 ? key : derivedSeed(key, .sampling, attempt))
      return parameter.distribution.draw(&generator)
    }
  }

  /// - Source: FNV-1a, Fowler, Noll & Vo.
  private func nameHash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}

extension Distribution {
  /// One value. Steps, points and unweighted choices are equally likely.
  func draw(_ generator: inout CounterGenerator) -> ParameterValue {
    switch self {
    case .fixed(let value): return value
    case .real(let range):
      if let grid = range.grid { return .real(grid.value(at: generator.below(grid.count))) }
      return .real(range.value(atShare: generator.uniform()))
    case .integer(let range) where range.isLog && range.pointCount == nil:
      return .integer(range.logUniform(generator.uniform()))
    case .integer(let range): return .integer(range.value(at: generator.below(range.count)))
    case .choice(let choice): return choice.values[choice.draw(&generator)]
    }
  }
}

extension RealRange {
  /// The value that lies `share` of the way from low to high, on the range's scale.
  func value(atShare share: Double) -> Double {
    // A convex combination, and not low + share·(high − low), whose difference can lose the small end.
    let value = isLog ? exp((1 - share) * log(low) + share * log(high)) : (1 - share) * low + share * high
    return min(max(value, low), high)
  }
}

extension Choice {
  /// Index of a value.
  fileprivate func draw(_ generator: inout CounterGenerator) -> Int {
    guard let weights else { return generator.below(values.count) }
    let target = generator.uniform() * weights.reduce(0, +)
    var sum = 0.0
    for (index, weight) in weights.enumerated() {
      sum += weight
      if target < sum { return index }
    }
    // Rounding can leave the target at the sum: the last value that can be drawn at all.
    return weights.lastIndex { $0 > 0 } ?? 0
  }
}
