// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// NSGA-II: keeps a population of trials that no other beats in every objective, spread out along the front, and crosses
/// them. A round is a generation. With one objective it is a plain genetic algorithm.
///
/// Ordered axes are crossed by simulated binary crossover and mutated by a normal step, unordered ones are inherited from
/// either parent or drawn anew; an axis that the child's branch has and neither parent had is drawn anew.
///
/// - Source: Deb et al. 2002, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II"; crossover from Deb & Agrawal
///   1995 (η = 5 here: sweeps are short).
package struct NSGA2Sampler: Sampler {
  private let cube: UnitCube
  private let seed: UInt64
  private let populationSize: Int
  private let startup: SobolPoints
  private let fallback: RandomSampler
  /// Saves work only: the parents after `replayedCount` generations, best first.
  private var parents: [FrontMember] = []
  private var replayedCount = 0

  /// - Parameter roundSize: children of a generation and members of the population. Default: 20.
  package init(space: SearchSpace, seed: UInt64, roundSize: Int? = nil) {
    cube = UnitCube(space)
    self.seed = seed
    populationSize = max(4, roundSize ?? 20)
    startup = SobolPoints(dimensionCount: cube.axes.count, seed: seed)
    fallback = RandomSampler(space: space, seed: seed)
  }

  package func prefixCount(trial number: Int) -> Int {
    Rounds(startupCount: 0, size: populationSize).prefixCount(trial: number)
  }

  package mutating func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
    guard number >= 0 else { return nil }
    replay(upTo: number / populationSize, history)
    for attempt in 0..<SearchSpace.retryCountMax {
      var generator = CounterGenerator(key: derivedSeed(seed, .sampling, number, 0x25A, attempt))
      let proposal: Parameters
      if parents.count < 2 {
        proposal = cube.parameters { startup.coordinate(of: number, dimension: $0) }
      } else {
        let (first, second) = (tournament(&generator), tournament(&generator))
        proposal = cube.parameters { axis in
          child(axis, history.coordinate(first.row, axis), history.coordinate(second.row, axis), &generator)
        }
      }
      if cube.space.allows(proposal) { return proposal }
    }
    return fallback.suggest(trial: number, after: history)
  }

  /// The better of two parents drawn at random; they are sorted, so it is the earlier.
  private func tournament(_ generator: inout CounterGenerator) -> FrontMember {
    parents[min(generator.below(parents.count), generator.below(parents.count))]
  }

  private func child(_ axis: Int, _ first: Double, _ second: Double, _ generator: inout CounterGenerator) -> Double {
    let shape = cube.axes[axis]
    let (one, other) = (first.isNaN ? second : first, second.isNaN ? first : second)
    // Drawn in any case, so that what an axis takes of the stream does not depend on its parents.
    let (coin, spread, mutates) = (generator.uniform(), generator.uniform(), generator.uniform())
    let fresh = shape.drawUniform(&generator)
    let step = generator.normal()
    let isMutated = mutates < 1 / Double(max(cube.axes.count, 2))
    guard !one.isNaN else { return fresh }
    guard shape.isOrdered else { return isMutated ? fresh : (coin < 0.5 ? one : other) }
    let beta = spread < 0.5 ? pow(2 * spread, 1 / 6.0) : pow(1 / (2 - 2 * spread), 1 / 6.0)
    let sign = coin < 0.5 ? 1.0 : -1.0
    var value = 0.5 * ((one + other) + sign * beta * (one - other))
    if isMutated { value += 0.1 * step }
    return shape.snapped(value)
  }

  private mutating func replay(upTo count: Int, _ history: TrialHistory) {
    if count < replayedCount { (parents, replayedCount) = ([], 0) }
    while replayedCount < count {
      let first = history.ownStart + replayedCount * populationSize
      let rows = first..<(first + populationSize)
      guard rows.upperBound <= history.count, rows.allSatisfy({ !history.loss($0).isNaN }) else { return }
      let children = rows.map { row in
        FrontMember(
          row: row, losses: history.lossVectors[row].isEmpty ? [history.losses[row]] : history.lossVectors[row])
      }
      parents = Array(FrontMember.ranked(parents + children).prefix(populationSize))
      replayedCount += 1
    }
  }
}
