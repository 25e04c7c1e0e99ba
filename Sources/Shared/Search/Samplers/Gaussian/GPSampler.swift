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
  private static let candidateCount = 200
  private let cube: UnitCube
  private let seed: UInt64
  private let rounds: Rounds
  private let startup: SobolPoints
  private let fallback: RandomSampler
  /// Saves work only: the scales of a stage.
  private var scales: (stage: Int, value: GaussianScales)?

  /// - Parameters:
  ///   - startupCount: Sobol points first. Default: 10.
  ///   - roundSize: trials that share one state of knowledge. Default: 4.
  package init(space: SearchSpace, seed: UInt64, startupCount: Int? = nil, roundSize: Int? = nil) {
    cube = UnitCube(space)
    self.seed = seed
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
    let known = Self.thinned((0..<min(history.knownCount, history.count)).filter { !history.losses[$0].isNaN }, history)
    guard known.count >= 3, known.contains(where: { history.losses[$0].isFinite }) else { return nil }
    let targets = Self.warped(known.map { history.losses[$0] })
    let isOrdered = cube.axes.map(\.isOrdered)
    func point(_ row: Int) -> [Double] { cube.axes.indices.map { history.coordinate(row, $0) } }
    var process = GaussianProcess(isOrdered: isOrdered, scales: scales(history, isOrdered))
    for (row, target) in zip(known, targets) { process.append(point(row), target) }
    process.solve()
    for row in (0..<history.count).suffix(64) where history.loss(row).isNaN {
      process.append(point(row), process.predict(point(row)).mean)
      process.solve()
    }
    // The best mean at a point that was tried: with noise, the best value seen is too good to be true.
    let best = known.map { process.predict(point($0)).mean }.min() ?? 0
    let leaders = known.sorted { (history.losses[$0], $0) < (history.losses[$1], $1) }.prefix(5).map(point)
    var generator = CounterGenerator(key: derivedSeed(seed, .sampling, number, 0x69))
    return climb(process, best: best, leaders: leaders, &generator)
  }

  /// Even and near candidates, then a narrowing search around the best of them.
  private func climb(
    _ process: GaussianProcess, best: Double, leaders: [[Double]], _ generator: inout CounterGenerator
  ) -> Parameters? {
    var chosen: (worth: Double, parameters: Parameters, point: [Double])?
    func consider(_ point: [Double]) {
      let parameters = cube.parameters { point[$0] }
      guard cube.space.allows(parameters) else { return }
      let canonical = cube.point(of: parameters)
      let (mean, variance) = process.predict(canonical)
      let worth = logImprovement(best - mean, variance.squareRoot())
      if chosen.map({ worth > $0.worth }) ?? true { chosen = (worth, parameters, canonical) }
    }
    func near(_ centre: [Double], _ width: Double) -> [Double] {
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
    for _ in 0..<(Self.candidateCount / 2) { consider(cube.axes.map { $0.drawUniform(&generator) }) }
    for index in 0..<(Self.candidateCount / 2) {
      consider(near(leaders[index % leaders.count], 0.3 * pow(0.5, Double(index / leaders.count % 6))))
    }
    for width in [0.1, 0.05, 0.02, 0.01, 0.004] {
      for _ in 0..<20 { if let point = chosen?.point { consider(near(point, width)) } }
    }
    return chosen?.parameters
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

  private static func thinned(_ rows: [Int], _ history: TrialHistory) -> [Int] {
    guard rows.count > pointCountMax else { return rows }
    let newest = rows.suffix(pointCountMax / 2)
    let best = rows.dropLast(pointCountMax / 2).sorted { (history.losses[$0], $0) < (history.losses[$1], $1) }
    return (best.prefix(pointCountMax - newest.count) + newest).sorted()
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

/// log E[max(0, gain + s·Z)]: exact where it can be computed, by its tail beyond.
private func logImprovement(_ gain: Double, _ s: Double) -> Double {
  let z = gain / s
  let density = exp(-0.5 * z * z) * 0.3989422804014327
  if z > -6 {
    let share = 0.5 * erfc(-z / 2.0.squareRoot())
    return log(max(s * (z * share + density), 1e-300))
  }
  return log(s) - 0.5 * z * z - 0.9189385332046727 - 2 * log(-z)
}
