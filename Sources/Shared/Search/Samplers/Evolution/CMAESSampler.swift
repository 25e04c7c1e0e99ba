// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Covariance matrix adaptation on the ordered axes that every trial has; a round is a generation.
///
/// Draws of a generation are mirrored pairs of orthogonal directions: with few trials chance leaves no direction out, and each is
/// seen from both sides. The first generation is λ Sobol points, of which the better half makes the first mean. When a run has converged, the next one begins
/// with λ new points. Unordered choices and the parameters of branches are proposed by TPE.
///
/// Its state is replayed from the recorded points: nothing is kept that the history does not hold.
///
/// - Source: Hansen 2016, arXiv:1604.00772; restarts from Auger & Hansen 2005 (IPOP-CMA-ES); the smallest deviation of an
///   axis with parts after Hamano et al. 2022 (CMA-ES with margin); the draws: Wang, Emmerich & Bäck 2019, "Mirrored
///   Orthogonal Sampling for Covariance Matrix Adaptation Evolution Strategies", Evolutionary Computation 27(4).
package struct CMAESSampler: Sampler {
  private let cube: UnitCube
  private let seed: UInt64
  private let axes: [Int]
  private let lambda: Int
  private let startup: SobolPoints
  private var others: TPESampler?
  private let fallback: RandomSampler
  /// Saves work only: the state after `replayedCount` generations.
  private var run: CMAESRun
  private var replayedCount = 0

  /// - Parameter roundSize: λ. Default: 4 + ⌊3·ln n⌋ for n axes.
  package init(space: SearchSpace, seed: UInt64, roundSize: Int? = nil) {
    cube = UnitCube(space)
    self.seed = seed
    let all = cube.axes
    axes = all.indices.filter { all[$0].isOrdered && all[$0].group == 0 }
    lambda = max(4, roundSize ?? 4 + Int(3 * log(Double(max(axes.count, 1)))))
    startup = SobolPoints(dimensionCount: all.count, seed: seed)
    fallback = RandomSampler(space: space, seed: seed)
    let isAll = axes.count == all.count
    others = isAll ? nil : TPESampler(space: space, seed: seed, startupCount: lambda, roundSize: lambda)
    run = CMAESRun(lambda: lambda)
  }

  package func prefixCount(trial number: Int) -> Int {
    Rounds(startupCount: 0, size: lambda).prefixCount(trial: number)
  }

  package mutating func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
    guard number >= 0 else { return nil }
    guard !axes.isEmpty else { return others?.suggest(trial: number, after: history) }
    replay(upTo: number / lambda, history)
    let base = others?.suggest(trial: number, after: history).map(cube.point)
    for attempt in 0..<SearchSpace.retryCountMax {
      var generator = CounterGenerator(key: derivedSeed(seed, .sampling, number, 0xC3A, attempt))
      let point = coordinates(number, isFirst: attempt == 0, &generator)
      let proposal = cube.parameters { axis in
        if let position = axes.firstIndex(of: axis) { return cube.axes[axis].snapped(point[position]) }
        let other = base?[axis] ?? .nan
        return other.isNaN ? generator.uniform() : other
      }
      if cube.space.allows(proposal) { return proposal }
    }
    return fallback.suggest(trial: number, after: history)
  }

  private func coordinates(_ number: Int, isFirst: Bool, _ generator: inout CounterGenerator) -> [Double] {
    guard let state = run.state else {
      return axes.map { startup.coordinate(of: number, dimension: $0) }
    }
    // Of one generator a generation: each of its trials finds its place in the same blocks.
    let ofGeneration = CounterGenerator(key: derivedSeed(seed, .sampling, number / lambda, 0xC3B))
    var point = isFirst ? state.draw(number % lambda, of: ofGeneration) : state.draw(&generator)
    for _ in 0..<100 where !point.allSatisfy({ $0 >= 0 && $0 < 1 }) { point = state.draw(&generator) }
    for (position, axis) in axes.enumerated() {
      guard let levels = cube.axes[axis].levelCount.map(Double.init), levels > 1 else { continue }
      // Narrower than its parts, the normal would propose one value for ever.
      guard state.deviation(position) < 0.4 / levels, generator.uniform() < 1 / Double(lambda) else { continue }
      point[position] += (generator.uniform() < 0.5 ? -1 : 1) / levels
    }
    return point.map { min(max($0, 0), 1 - 0x1p-53) }
  }

  /// Enters every generation up to `count` whose results are known.
  private mutating func replay(upTo count: Int, _ history: TrialHistory) {
    if count < replayedCount { (run, replayedCount) = (CMAESRun(lambda: lambda), 0) }
    while replayedCount < count {
      let first = history.ownStart + replayedCount * lambda
      let rows = Array(first..<(first + lambda))
      guard first + lambda <= history.count, rows.allSatisfy({ !history.loss($0).isNaN }) else { return }
      // Equal losses by number: the order must not depend on the sort.
      let ranked = rows.sorted { (history.losses[$0], $0) < (history.losses[$1], $1) }
      let points = ranked.map { row in axes.map { history.coordinate(row, $0) } }
      run.enter(
        points.map { $0.map { $0.isNaN ? 0.5 : $0 } }, bestLoss: history.losses[ranked[0]],
        deviationMin: axes.map { cube.axes[$0].levelCount.map { 0.4 / Double($0) } ?? 0 })
      replayedCount += 1
    }
  }
}

/// Runs of CMA-ES after one another. The unit of entry is a generation of `lambda` points.
private struct CMAESRun: Sendable {
  let lambda: Int
  private(set) var state: CMAESState?
  private var generationsWithoutGain = 0
  private var bestLoss = Double.infinity

  init(lambda: Int) { self.lambda = lambda }

  mutating func enter(_ ranked: [[Double]], bestLoss loss: Double, deviationMin: [Double]) {
    guard var state else {
      self.state = CMAESState(around: ranked, sigma: 0.14)
      bestLoss = loss
      return
    }
    state.update(ranked)
    generationsWithoutGain = loss < bestLoss ? 0 : generationsWithoutGain + 1
    bestLoss = min(bestLoss, loss)
    let isNarrow = (0..<state.size).allSatisfy { state.deviation($0) < max(1e-5, deviationMin[$0] * 0.1) }
    if isNarrow || generationsWithoutGain > 20 + 3 * state.size {
      // A converged run has nothing more to say: the next generation spreads out again.
      self.state = nil
      (generationsWithoutGain, bestLoss) = (0, .infinity)
    } else {
      self.state = state
    }
  }
}
