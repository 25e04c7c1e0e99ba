// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Hyperparameters
import Reporting
import Search
import Sweeps
import Tracking

struct TrialsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "trials", abstract: "List all trials of a sweep.")

  @Argument(help: ArgumentHelp("The sweep's name.", valueName: "sweep"))
  var sweep: String

  @OptionGroup var tracker: TrackerOptions
  @OptionGroup var options: ConsoleOptions

  func run() throws {
    let reader = try tracker.reader()
    if tracker.csv {
      let table = try asCommand {
        let summary = try reader.sweep(named: sweep)
        return try reader.rows(of: "trials", TrackedThing(sweep: summary.name, trial: nil), order: "trial")
      }
      return options.console.print(csv: table)
    }
    let (summary, trials) = try asCommand {
      let summary = try reader.sweep(named: sweep)
      return (summary, try reader.trials(of: summary))
    }
    if tracker.json {
      options.console.print(json(summary, trials, schema: "muster.trials/v1"))
      return
    }
    let board = Leaderboard(sweep: summary, trials: trials, metrics: [])
    var table = TextTable([
      ("TRIAL", .right), ("LEARNER", .left), ("STATE", .left), (summary.metric.uppercased(), .right), ("SD", .right),
      ("FOLDS", .right), ("PARAMETERS", .left), ("NOTE", .left),
    ])
    for trial in trials {
      table.append([
        "#\(trial.number)", trial.learner, trial.state, decimal(trial.objective, places: 4),
        decimal(trial.objectiveSD, places: 4), "\(trial.foldsDone)/\(summary.foldCount)", board.keys(trial),
        trial.reason ?? "",
      ])
    }
    show(table, options.console)
  }
}

struct BestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "best", abstract: "The leaderboard: trials with all their folds, best first.")

  @Argument(help: ArgumentHelp("The sweep's name.", valueName: "sweep"))
  var sweep: String

  @Option(help: ArgumentHelp("Trials to show.", valueName: "n"))
  var top = 10

  @OptionGroup var tracker: TrackerOptions
  @OptionGroup var options: ConsoleOptions

  func validate() throws {
    guard top >= 1 else { throw ValidationError("--top: expected 1 or more") }
  }

  func run() throws {
    let reader = try tracker.reader()
    let (summary, board) = try asCommand {
      let summary = try reader.sweep(named: sweep)
      return (summary, try reader.leaderboard(of: summary))
    }
    guard !board.isEmpty else {
      throw CommandFailure(
        .nothingFound, "no trial of \(sweep) has all its folds yet (\(summary.foldsRecorded) folds are recorded)",
        help: "muster tracker trials \(sweep) --tracker \(reader.path)")
    }
    if tracker.csv {
      let thing = TrackedThing(sweep: sweep, trial: nil)
      let table = try asCommand { try reader.rows(of: "leaderboard", thing, order: "rank, trial", limit: top) }
      return options.console.print(csv: table)
    }
    let best = Array(board.prefix(top))
    if tracker.json {
      options.console.print(json(summary, best, schema: "muster.best/v1"))
      return
    }
    let kind = Outcome(rawValue: summary.outcome)?.objective ?? .binary
    let also = Metric.all(for: kind).prefix(3).map(\.name)
    for line in Leaderboard(sweep: summary, trials: best, metrics: also).lines(options.console) {
      options.console.print(line)
    }
  }
}

private func json(_ sweep: SweepSummary, _ trials: [TrialSummary], schema: String) -> String {
  JSONText.object([
    ("schema", .text(schema)), ("sweep", .text(sweep.name)), ("state", .text(sweep.state)),
    ("metric", .text(sweep.metric)),
    ("direction", .text(sweep.isMaximized ? "maximize" : "minimize")), ("trials", .list(trials.map { json($0) })),
  ]).description
}

private func json(_ trial: TrialSummary) -> JSONText {
  let scores = trial.scores.map { score in
    (
      score.metric,
      JSONText.object([
        ("mean", .optional(score.mean)), ("sd", .optional(score.sd)), ("folds", .integer(Int64(score.foldCount))),
      ])
    )
  }
  return .object([
    ("trial", .integer(Int64(trial.number))), ("learner", .text(trial.learner)), ("state", .text(trial.state)),
    ("objective", .optional(trial.objective)), ("sd", .optional(trial.objectiveSD)),
    ("ci_low", .optional(trial.intervalLow)), ("ci_high", .optional(trial.intervalHigh)),
    ("folds_done", .integer(Int64(trial.foldsDone))), ("training_ms", .integer(trial.trainingMilliseconds)),
    ("params", .raw(trial.parametersJSON)), ("metrics", .object(scores)), ("reason", .optional(trial.reason)),
  ])
}
