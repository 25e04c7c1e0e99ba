// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Tree-structured Parzen estimator: proposes where good trials are dense and others are not.
///
/// The trials are split by loss into the good and the rest; a candidate x drawn from the density l of the good is worth
/// log l(x) − log g(x), with g the density of the rest and of what is running (a constant liar: a running trial counts as
/// no good, so a round does not propose one place twice). Densities are joint over the axes that exist together (a group),
/// so dependence between parameters is seen; groups are visited from the root of the tree down, each learnt from the
/// trials that had it.
///
/// Cost of a proposal: O(n) to find the good among n trials, then candidates × (good + `restCountMax`) × axes.
///
/// - Source: Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization", section 4; Falkner et al. 2018 (BOHB),
///   section 3.2, for the joint density; Watanabe 2023, arXiv:2304.11127, for what each part is worth.
package struct TPESampler: Sampler {
  package struct Tuning: Hashable, Sendable {
    /// Share of the trials that are good, γ.
    package var goodShare = 0.1
    package var goodCountMax = 25
    /// Kernels of the rest: beyond it the rest is thinned.
    package var restCountMax = 200
    package var candidateCount = 32
    /// The same where all axes are unordered.
    package var choiceCandidateCount = 2
    /// Kernel width over Scott's rule n^(−1/(d+4)) for a spread of 1.
    package var widthScale = 0.15
    package var widthMin = 0.01
    /// How far the width follows the spread of the good trials; 0 is a fixed width.
    package var adaptivity = 1.0
    /// Evenly spread trials that the spread of the good is mixed with: two good trials are no spread yet.
    package var doubt = 2.0
    /// The same for the rest, relative to the good: between, so that places already tried are left without being walled off.
    package var restAdaptivity = 0.5
    /// Weight of the uniform kernel beside the trials' kernels of weight 1.
    package var priorWeight = 0.5

    package init() {}
  }

  private let cube: UnitCube
  private let seed: UInt64
  private let rounds: Rounds
  private let startup: SobolPoints
  private let fallback: RandomSampler
  private let tuning: Tuning
  private let groups: [[Int]]
  /// Saves work only: the split of the known trials of a group, for one `knownCount`.
  private var splits: [Int: ParzenSplit] = [:]
  private var splitKnownCount = -1

  /// - Parameters:
  ///   - startupCount: Sobol points before the first proposal that learns. Default: 10, or 8 for each branch of the root.
  ///   - roundSize: trials that share one state of knowledge. Default: 8.
  package init(
    space: SearchSpace, seed: UInt64, startupCount: Int? = nil, roundSize: Int? = nil, tuning: Tuning = Tuning()
  ) {
    cube = UnitCube(space)
    self.seed = seed
    self.tuning = tuning
    rounds = Rounds(startupCount: startupCount ?? max(10, 8 * space.branches.count), size: roundSize ?? 8)
    startup = SobolPoints(dimensionCount: cube.axes.count, seed: seed)
    fallback = RandomSampler(space: space, seed: seed)
    let axes = cube.axes
    groups = (0..<cube.groupCount).map { group in axes.indices.filter { axes[$0].group == group } }
  }

  package func prefixCount(trial number: Int) -> Int { rounds.prefixCount(trial: number) }

  package var learnsFromAnyTrial: Bool { true }

  package mutating func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
    guard number >= 0 else { return nil }
    if number < rounds.startupCount {
      let proposal = cube.parameters { startup.coordinate(of: number, dimension: $0) }
      return cube.space.allows(proposal) ? proposal : fallback.suggest(trial: number, after: history)
    }
    if splitKnownCount != history.knownCount {
      splits.removeAll(keepingCapacity: true)
      splitKnownCount = history.knownCount
    }
    // A requirement is met by drawing anew, as often as it takes; nothing else changes between attempts.
    for attempt in 0..<SearchSpace.retryCountMax {
      var generator = CounterGenerator(key: derivedSeed(seed, .sampling, number, 0x79E, attempt))
      var chosen: [Int: [Double]] = [:]
      let proposal = cube.parameters { axis in
        let group = cube.axes[axis].group
        if chosen[group] == nil { chosen[group] = propose(group, history, &generator) }
        return chosen[group]?[groups[group].firstIndex(of: axis) ?? 0] ?? 0.5
      }
      if cube.space.allows(proposal) { return proposal }
    }
    return fallback.suggest(trial: number, after: history)
  }

  /// Coordinates on the axes of a group.
  private mutating func propose(
    _ group: Int, _ history: TrialHistory, _ generator: inout CounterGenerator
  ) -> [Double] {
    let axes = groups[group].map { cube.axes[$0] }
    let split: ParzenSplit
    if let known = splits[group] {
      split = known
    } else {
      split = ParzenSplit(history, axes: groups[group], tuning)
      splits[group] = split
    }
    guard !split.good.isEmpty else { return axes.map { $0.drawUniform(&generator) } }
    let running = split.running(history)
    let spreads = ParzenMixture.spreads(history, rows: split.good, axes: groups[group], tuning)
    let good = ParzenMixture(history, rows: split.good, axes: groups[group], spreads: spreads, tuning)
    let rest = ParzenMixture(
      history, rows: split.rest(limit: tuning.restCountMax) + running, axes: groups[group],
      spreads: spreads.map { pow($0, tuning.restAdaptivity) }, tuning)
    var best: (worth: Double, point: [Double])?
    // Among a handful of unordered values the best of many draws is always the same one, and a branch that began badly
    // would never be looked at again: few draws leave some chance in the choice.
    let candidateCount = axes.contains(where: \.isOrdered) ? tuning.candidateCount : tuning.choiceCandidateCount
    for _ in 0..<candidateCount {
      let candidate = good.draw(&generator)
      let worth = good.logDensity(candidate) - rest.logDensity(candidate)
      if best.map({ worth > $0.worth }) ?? true { best = (worth, candidate) }
    }
    return best?.point ?? axes.map { $0.drawUniform(&generator) }
  }
}

extension UnitCube.Axis {
  /// A draw from the axis' own distribution: even, or by the weights of a choice.
  func drawUniform(_ generator: inout CounterGenerator) -> Double {
    let unit = generator.uniform()
    guard let weights else { return snapped(unit) }
    var sum = 0.0
    for (index, weight) in weights.enumerated() {
      sum += weight
      if unit < sum { return (Double(index) + 0.5) / Double(weights.count) }
    }
    return (Double(weights.lastIndex { $0 > 0 } ?? 0) + 0.5) / Double(weights.count)
  }
}

/// The trials that had a group, split into the good and the rest.
struct ParzenSplit: Sendable {
  /// Best first.
  private(set) var good: [Int] = []
  /// Ascending by number.
  private var others: [Int] = []
  private let firstAxis: Int?

  init(_ history: TrialHistory, axes: [Int], _ tuning: TPESampler.Tuning) {
    firstAxis = axes.first
    guard let axis = axes.first else { return }
    let knownCount = min(history.knownCount, history.count)
    var members: [Int] = []
    for row in 0..<knownCount where !history.coordinate(row, axis).isNaN && !history.losses[row].isNaN {
      members.append(row)
    }
    let scored = members.count { history.losses[$0].isFinite }
    let goodCount = min(
      tuning.goodCountMax, max(1, Int((tuning.goodShare * Double(members.count)).rounded(.up))), scored)
    guard goodCount > 0 else {
      others = members
      return
    }
    // The best `goodCount`, kept sorted: they are few, so insertion is cheaper than sorting all.
    for row in members {
      let loss = history.losses[row]
      if good.count == goodCount, let last = good.last, loss >= history.losses[last] {
        others.append(row)
        continue
      }
      var position = good.count
      while position > 0, history.losses[good[position - 1]] > loss { position -= 1 }
      good.insert(row, at: position)
      if good.count > goodCount { others.append(good.removeLast()) }
    }
    others.sort()
  }

  /// At most `limit` of the rest: the newest half of the limit, which surround where the search is now, and an even pick
  /// of the older ones.
  func rest(limit: Int) -> [Int] {
    guard others.count > limit else { return others }
    let newest = limit / 2
    let older = others.count - newest
    let picked = limit - newest
    return (0..<picked).map { others[$0 * older / picked] } + others.suffix(newest)
  }

  /// Trials whose loss is not known, at most the newest 64 of them.
  func running(_ history: TrialHistory) -> [Int] {
    guard let axis = firstAxis else { return [] }
    let rows = (0..<history.count).suffix(256).filter { history.loss($0).isNaN && !history.coordinate($0, axis).isNaN }
    return Array(rows.suffix(64))
  }
}
