// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
package import Sweeps

/// A sweep made of a seed: what each task does to its worker, and what it must give in the end.
package struct Workload: Sendable {
  package enum Nature: Hashable, Sendable {
    case sound
    /// Its first attempts fail, fewer than the retry budget allows.
    case flaky(failureCount: Int)
    /// Every attempt fails, and another try could help for all the worker knows.
    case failing
    /// Every attempt fails for a reason that another try cannot cure.
    case invalid
    /// Takes its worker process down.
    case poison
  }

  package static let sweep = SweepID(1)
  package let trialCount: Int
  package let foldCount: Int
  package let natures: [TrialTask: Nature]
  package let tasks: [TrialTask]
  let dataset = ContentDigest(bytes: repeatElement(7, count: 32))
  let millisecondsMax: Int
  /// Drawn from by task; empty: evenly up to `millisecondsMax`.
  let durations: [Int64]

  package init(
    seed: UInt64, trialCount: Int, foldCount: Int, troubleShare: Double, hasPoison: Bool,
    millisecondsMax: Int = 4_000, durations: [Int64] = []
  ) {
    var random = CounterGenerator(key: CounterGenerator.mix(seed ^ 0x574F_524B))
    self.trialCount = trialCount
    self.foldCount = foldCount
    self.millisecondsMax = millisecondsMax
    self.durations = durations
    var natures: [TrialTask: Nature] = [:]
    var tasks: [TrialTask] = []
    for trial in 0..<trialCount {
      for fold in 0..<foldCount {
        let task = TrialTask(sweep: Self.sweep, trial: trial, fold: fold, rung: 0)
        tasks.append(task)
        natures[task] = random.uniform() < troubleShare ? Self.trouble(&random, hasPoison) : .sound
      }
    }
    self.natures = natures
    self.tasks = tasks
  }

  private static func trouble(_ random: inout CounterGenerator, _ hasPoison: Bool) -> Nature {
    switch random.below(hasPoison ? 5 : 4) {
    case 0: .flaky(failureCount: 1)
    case 1: .flaky(failureCount: 2)
    case 2: .failing
    case 3: .invalid
    default: .poison
    }
  }

  func nature(_ task: TrialTask) -> Nature { natures[task] ?? .sound }

  func order(trial: Int) -> TrialOrder {
    TrialOrder(
      sweep: Self.sweep, trial: trial, learner: .booster, parameters: [:], dataset: dataset, outcome: .icuMortality,
      folds: FoldPlan(scheme: .grouped, foldCount: foldCount, seed: 1), seed: 1)
  }

  /// Training is deterministic: equal on every worker, at every attempt.
  func measurement(_ task: TrialTask) -> Measurement {
    let bits = CounterGenerator.mix(UInt64(task.trial * 1_000 + task.fold))
    return Measurement(
      metrics: [MetricValue(name: "valid/auroc", value: Double(bits >> 11) * 0x1p-53)], curve: [], bestStep: 1,
      trainRowCount: 80, validRowCount: 20, artifacts: [])
  }

  package func milliseconds(_ task: TrialTask) -> Int64 {
    let draw = CounterGenerator.mix(UInt64(task.trial * 1_000 + task.fold) ^ 0x5449)
    guard durations.isEmpty else { return durations[Int(draw % UInt64(durations.count))] }
    return Int64(50 + draw % UInt64(millisecondsMax))
  }
}
