// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Hyperparameters
import Reporting
import Search
import SweepPlans
import Sweeps

struct SweepCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Read a sweep file and its data set's manifest; run nothing.",
    discussion: "Example: muster sweep check configs/sweeps/demo.yaml")

  @OptionGroup var sweep: SweepFileOptions
  @OptionGroup var options: ConsoleOptions

  func run() throws {
    let (plan, _) = try sweep.read()
    _ = try asCommand { try plan.makeSampler() }
    options.console.print("\(sweep.file): sweep \(plan.name) is fine")
  }
}

struct SweepPlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say what would run: data, folds, space, first trials.",
    discussion: "Example: muster sweep plan configs/sweeps/demo.yaml")

  @OptionGroup var sweep: SweepFileOptions
  @OptionGroup var options: ConsoleOptions

  @Option(help: ArgumentHelp("Trials to list.", valueName: "n"))
  var first = 5

  func run() throws {
    let (plan, dataset) = try sweep.read()
    var sampler = try asCommand { try plan.makeSampler() }
    let console = options.console
    console.print(
      "sweep    \(plan.name)  \(plan.outcome.rawValue)  \(plan.objective.direction.rawValue) \(plan.objective.metric)")
    console.print("data     " + describe(dataset))
    console.print("folds    " + describe(plan.folds))
    console.print(
      "budget   \(plan.trialCountMax) trials, at most \(plan.taskCountMax) fold runs; sampler \(plan.sampler.kind.rawValue)"
    )
    if let warm = plan.warmStart, warm.trials == nil {
      console.print("warm     the best \(warm.best) trials of sweep \(warm.sweep), as they stand at the first start")
    }
    for number in 0..<min(first, plan.trialCountMax) {
      // A sampler that learns from results has nothing to propose from here on.
      let history = TrialHistory(UnitCube(plan.space))
      guard sampler.prefixCount(trial: number) == 0, let proposal = sampler.suggest(trial: number, after: history)
      else {
        break
      }
      let trial = plan.trial(of: proposal)
      let keys = trial.parameters.entries.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
      console.print("  #\(number)  \(trial.learner.rawValue)  \(keys)")
    }
  }
}

/// "readmission_30d (synthetic, 2,611 rows, 1,780 patients, 212 columns, 11.9 % positive, sha256 18ac3e73)"
func describe(_ dataset: DatasetSummary) -> String {
  var parts = [
    dataset.source, "\(dataset.rowCount) rows", "\(dataset.patientCount) patients", "\(dataset.columnCount) columns",
  ]
  if let prevalence = dataset.prevalence {
    parts.append("\(Double((prevalence * 1_000).rounded()) / 10) % positive")
  }
  parts.append("sha256 " + dataset.digest.hex.prefix(8))
  return "\(dataset.name) (\(parts.joined(separator: ", ")))"
}

/// "stratified-grouped by patient, 5 folds × 1, seed 17"
func describe(_ folds: FoldPlan) -> String {
  let test =
    folds.testSet.map { "a test set of \($0.count) in \($0.partCount) parts of the patients, seed \($0.seed)" }
  if folds.isFinal { return "one fit of all rows" + (test.map { " but \($0)" } ?? "") }
  return "\(folds.scheme.rawValue) by patient, \(folds.foldCount) folds × \(folds.repeatCount), seed \(folds.seed)"
    + (test.map { "; beside them \($0)" } ?? "")
}
