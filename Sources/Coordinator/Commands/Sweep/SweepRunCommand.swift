// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting
import Search
import SweepPlans
import Sweeps
import Tracking

struct SweepRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a sweep on this machine, or go on with one that was interrupted.",
    discussion: """
      Examples:
        muster sweep run configs/sweeps/demo.yaml --workers 2
        muster sweep run configs/sweeps/demo.yaml --workers 0 --bind tcp://127.0.0.1:5555   # workers join by themselves
        muster sweep run configs/sweeps/demo.yaml --workers 0 --bind tcp://10.1.0.5:5555 --keys keys   # over a network
        muster sweep run configs/sweeps/demo.yaml --http 127.0.0.1:9464 --log-format json   # dashboard, /metrics, logs
        muster sweep run configs/sweeps/demo.yaml --bind 'tcp://*:*' --keys keys --rendezvous /shared/me/demo.rendezvous \\
          --launch slurm --workers 2..50 --key-file /shared/me/cluster.key --time 04:00:00   # on a cluster
      The first Ctrl-C lets running folds finish; the second ends at once. The same command goes on.
      """)

  @OptionGroup var sweep: SweepFileOptions
  @OptionGroup var options: ConsoleOptions

  @OptionGroup var crew: CrewOptions
  @OptionGroup var watching: MetricsOptions

  func run() throws {
    let (given, dataset) = try sweep.read()
    let plan = try warmed(given)
    let runner = SweepRunner(crew: crew, console: options.console, isQuiet: options.quiet, watching: watching)
    try runner.runOrTell(plan, dataset)
    let failedCount = try finish(plan, options.console)
    if plan.refitsBest { try refit(plan, dataset, runner) }
    if failedCount > 0 { throw CommandFailure.silent(.someTrialsFailed) }
  }

  private func refit(_ plan: SweepPlan, _ dataset: DatasetSummary, _ runner: SweepRunner) throws {
    guard !crew.startsNobody else {
      return options.console.note("workers are needed once more for the final fit: muster sweep refit \(sweep.file)")
    }
    try RefitReport(plan: plan, dataset: dataset, runner: runner).run(looksAgain: false)
  }

  /// - Returns: how many trials failed.
  private func finish(_ plan: SweepPlan, _ console: Console) throws -> Int {
    let reader = try asCommand { try TrackerReader(path: plan.trackerPath) }
    let (summary, board) = try asCommand {
      let summary = try reader.sweep(named: plan.name)
      return (summary, try reader.leaderboard(of: summary))
    }
    let also =
      plan.objective.also.isEmpty ? Metric.all(for: plan.outcome.objective).prefix(3).map(\.name) : plan.objective.also
    for line in Leaderboard(sweep: summary, trials: board, metrics: also).lines(console) { console.print(line) }
    console.print("")
    console.print("tracker  \(plan.trackerPath)")
    console.print("next     muster tracker best \(plan.name) --tracker \(plan.trackerPath)")
    console.print("         muster tracker trials \(plan.name) --tracker \(plan.trackerPath) --json")
    console.print(
      "         muster tracker sql \"SELECT trial, fold, value FROM v_fold WHERE metric = '\(plan.objective.metric)'\""
        + " --tracker \(plan.trackerPath)")
    if let front = try FrontReport(plan, summary, reader: reader) { front.lines(console).forEach(console.print) }
    return summary.failedCount
  }
}
