// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Gaussian process with expected improvement, noisy: for small spaces and dear trials.
///
/// Losses are warped by log(1 + (y − min)/(median − min)) and standardised, so that one bad trial does not flatten the
/// rest; trials without a score count as the worst. Trials that run are taken at the mean that is predicted of them. The
/// scales are fitted at declared numbers of trials (each a fifth above the last). At most `pointCountMax` trials are
/// kept: the best half and the newest half.
///
/// Cost: O(N²) a candidate with N ≤ `pointCountMax`; O(N³·d) at a fit.
///
/// - Source: Jones, Schonlau & Welch 1998 (EI); Snoek, Larochelle & Adams 2012.
package struct GPSampler: Sampler {
  private static let pointCountMax = 160
  /// Trials that are added to a choice of points before it is made anew.
  private static let freshCountMax = 32
  private static let candidateCount = 200
  private let cube: UnitCube
  private let seed: UInt64
  private let rounds: Rounds
  private let startup: SobolPoints
  private let fallback: RandomSampler
  /// Every point of the cube is a trial that the space allows: no branches, no rules.
  private let isPlain: Bool
  /// Saves work only: the scales of a stage.
  private var scales: (stage: Int, value: GaussianScales)?
  /// Saves work only: the factor of the points that the last proposal knew.
  private var kept: (rows: [Int], process: GaussianProcess)?

  /// - Parameters:
  ///   - startupCount: Sobol points first. Default: 10.
  ///   - roundSize: trials that share one state of knowledge. Default: 4.
  package init(space: SearchSpace, seed: UInt64, startupCount: Int? = nil, roundSize: Int? = nil) {
    cube = UnitCube(space)
    self.seed = seed
    isPlain =
      space.requirements.isEmpty
      && cube.axes.allSatisfy { axis in
        if axis.group == 0, case .real = axis.distribution { return true }
        return axis.group == 0 && axis.levelCount != nil
      }
    rounds = Rounds(startupCount: startupCount ?? 10, size: roundSize ?? 4)
    startup = SobolPoints(dimensionCount: cube.axes.count, seed: seed)
    fallback = RandomSampler(space: space, seed: seed)
  }

  package func prefixCount(trial number: Int) -> Int { rounds.prefixCount(trial: number) }

  package var learnsFromAnyTrial: Bool { true }

  package mutating func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
    guard number >= 0 else { return nil }
    if number >= rounds.startupCount, let proposal = propose(number, history) { return proposal }
    let proposal = cube.parameters { startup.coordinate(of: number, dimension: $0) }
    return cube.space.allows(proposal) ? proposal : fallback.suggest(trial: number, after: history)
  }

  private mutating func propose(_ number: Int, _ history: TrialHistory) -> Parameters? {
    let known = Self.chosen((0..<min(history.knownCount, history.count)).filter { !history.losses[$0].isNaN }, history)
    guard known.count >= 3, known.contains(where: { history.losses[$0].isFinite }) else { return nil }
    let targets = Self.warped(known.map { history.losses[$0] })
    let isOrdered = cube.axes.map(\.isOrdered)
    let axes = cube.axes.indices
    func point(_ row: Int) -> [Double] { axes.map { history.coordinate(row, $0) } }
    var process = factored(known, scales(history, isOrdered), isOrdered, point)
    process.solve(targets)
    // The best mean at a point that was tried: with noise, the best value seen is too good to be true.
    let best = known.indices.map(process.mean).min() ?? 0
    // A point with the value that is predicted of it has a weight of 0: what runs changes the variance alone.
    for row in (0..<history.count).suffix(64) where history.loss(row).isNaN { process.append(point(row)) }
    let leaders = known.sorted { (history.losses[$0], $0) < (history.losses[$1], $1) }.prefix(5).map(point)
    var generator = CounterGenerator(key: derivedSeed(seed, .sampling, number, 0x69))
    return climb(process, best: best, leaders: leaders, &generator)
  }

  /// The process of some points; what an earlier proposal made of the first of them is taken over.
  private mutating func factored(
    _ rows: [Int], _ scales: GaussianScales, _ isOrdered: [Bool], _ point: (Int) -> [Double]
  ) -> GaussianProcess {
    var process = GaussianProcess(isOrdered: isOrdered, scales: scales)
    if let kept, kept.process.scales == scales {
      process = kept.process
      process.truncate(to: zip(rows, kept.rows).prefix { $0 == $1 }.count)
    }
    for row in rows[process.count...] { process.append(point(row)) }
    kept = (rows, process)
    return process
  }

  /// Even and near candidates, then a narrowing search around the best of them.
  private func climb(
    _ process: GaussianProcess, best: Double, leaders: [[Double]], _ generator: inout CounterGenerator
  ) -> Parameters? {
    var candidates = (0..<(Self.candidateCount / 2)).map { _ in cube.axes.map { $0.drawUniform(&generator) } }
    for index in 0..<(Self.candidateCount / 2) {
      candidates.append(
        near(leaders[index % leaders.count], 0.3 * pow(0.5, Double(index / leaders.count % 6)), &generator))
    }
    var ascent = GaussianAscent(process, best: best)
    let seen = candidates.enumerated().compactMap { index, point in
      glance(point, ascent).map { (glance: $0, index: index) }
    }
    // The most promising first: most of the others then cannot be better, and are not worth N² operations.
    for (glance, _) in seen.sorted(by: { ($1.glance.worthMax, $0.index) < ($0.glance.worthMax, $1.index) }) {
      ascent.consider(glance)
    }
    for width in [0.1, 0.05, 0.02, 0.01, 0.004] {
      for _ in 0..<20 {
        if let centre = ascent.chosen?.point, let glance = glance(near(centre, width, &generator), ascent) {
          ascent.consider(glance)
        }
      }
    }
    return ascent.chosen.map { chosen in cube.parameters { chosen.point[$0] } }
  }

  /// As the trial would be recorded: axes snapped, those that it lacks left out. `nil` for what the space's rules forbid.
  private func glance(_ point: [Double], _ ascent: GaussianAscent) -> GaussianAscent.Glance? {
    if isPlain { return ascent.glance(point.indices.map { cube.axes[$0].snapped(point[$0]) }) }
    let parameters = cube.parameters { point[$0] }
    return cube.space.allows(parameters) ? ascent.glance(cube.point(of: parameters)) : nil
  }

  private func near(_ centre: [Double], _ width: Double, _ generator: inout CounterGenerator) -> [Double] {
    let share = min(1, 2 / Double(max(centre.count, 1)))
    return centre.enumerated().map { axis, value in
      guard !value.isNaN, generator.uniform() < share || centre.count < 3 else {
        return value.isNaN ? cube.axes[axis].drawUniform(&generator) : value
      }
      guard cube.axes[axis].isOrdered else { return cube.axes[axis].drawUniform(&generator) }
      let moved = value + width * generator.normal()
      return cube.axes[axis].snapped(moved < 0 ? -moved : moved >= 1 ? 2 - moved : moved)
    }
  }

  /// Fitted to the trials before the newest stage at or below `knownCount`, whichever proposal asks.
  private mutating func scales(_ history: TrialHistory, _ isOrdered: [Bool]) -> GaussianScales {
    var (stage, next) = (0, max(5, rounds.startupCount))
    while next <= history.knownCount { (stage, next) = (next, next + max(2, next / 5)) }
    if let scales, scales.stage == stage { return scales.value }
    var value = GaussianScales(axisCount: isOrdered.count)
    let rows = Self.thinned((0..<min(stage, history.count)).filter { !history.losses[$0].isNaN }, history)
    if rows.count >= 3, rows.contains(where: { history.losses[$0].isFinite }) {
      let points = rows.map { row in cube.axes.indices.map { history.coordinate(row, $0) } }
      let targets = Self.warped(rows.map { history.losses[$0] })
      value = GaussianFit.fit(points, targets, isOrdered: isOrdered, from: value)
    }
    scales = (stage, value)
    return value
  }

  /// The points that a proposal knows: a choice of at most `pointCountMax − freshCountMax`, made anew each `freshCountMax` trials,
  /// and all since. So the next proposal mostly adds a point to a factor that is there.
  private static func chosen(_ rows: [Int], _ history: TrialHistory) -> [Int] {
    guard rows.count > pointCountMax else { return rows }
    let base = (rows.count - 1) / freshCountMax * freshCountMax
    return thinned(Array(rows.prefix(base)), history, pointCountMax - freshCountMax) + rows[base...]
  }

  private static func thinned(_ rows: [Int], _ history: TrialHistory, _ most: Int = pointCountMax) -> [Int] {
    guard rows.count > most else { return rows }
    let newest = rows.suffix(most / 2)
    // The best of the rest, in one pass: of thousands of rows few ever come among them.
    var best: [Int] = []
    for row in rows.dropLast(most / 2) {
      let loss = history.losses[row]
      if best.count == most - newest.count {
        guard let last = best.last, loss < history.losses[last] else { continue }
        best.removeLast()
      }
      let place = best.firstIndex { loss < history.losses[$0] } ?? best.count
      best.insert(row, at: place)
    }
    return (best + newest).sorted()
  }

  /// Mean 0 and deviation 1 after the warp.
  private static func warped(_ losses: [Double]) -> [Double] {
    let finite = losses.filter(\.isFinite).sorted()
    guard let low = finite.first, let high = finite.last else { return losses.map { _ in 0 } }
    let scale = max(finite[finite.count / 2] - low, 1e-12 * max(abs(low), 1e-300))
    let warped = losses.map { log1p(min(($0.isFinite ? $0 : high) - low, 1e12 * scale) / scale) }
    let mean = warped.reduce(0, +) / Double(warped.count)
    let variance = warped.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(warped.count)
    let deviation = variance > 0 ? variance.squareRoot() : 1
    return warped.map { ($0 - mean) / deviation }
  }
}
