// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Hyperparameters
import Reporting
import Search
import SweepPlans
import Sweeps
import Tracking

struct SweepRefitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refit",
    abstract: "Fit the winner to all rows but the test set, score it on that, keep the model.",
    discussion: """
      Example: muster sweep refit configs/sweeps/demo.yaml
      Recorded as a sweep NAME-refit of one trial. The test set (cv.test) is looked at once: another winner of a sweep that was
      extended since is refused, unless with --again.
      """)

  @OptionGroup var sweep: SweepFileOptions
  @OptionGroup var options: ConsoleOptions
  @OptionGroup var crew: CrewOptions

  @Flag(help: "Score another winner on a test set that was looked at before; its score flatters.")
  var again = false

  func run() throws {
    let (plan, dataset) = try sweep.read()
    let runner = SweepRunner(crew: crew, console: options.console, isQuiet: options.quiet)
    try RefitReport(plan: plan, dataset: dataset, runner: runner).run(looksAgain: again)
  }
}

/// The final fit of a search's winner, and what is said of it.
struct RefitReport {
  let plan: SweepPlan
  let dataset: DatasetSummary
  let runner: SweepRunner

  struct Score {
    let winner: TrialSummary
    /// On the test set; `nil` without one, or where the metric is undefined on it.
    let test: TrialSummary
  }

  func run(looksAgain: Bool) throws {
    let score = try fit(looksAgain: looksAgain)
    let console = runner.console
    console.print("")
    console.print("winner   #\(score.winner.number) \(score.winner.learner), in the search \(text(score.winner))")
    if plan.folds.testSet == nil {
      console.print("test     there is no test set (cv.test): the model is fitted to all rows, and not scored")
    } else {
      console.print("test     \(text(score.test))")
      let others = score.test.scores.filter { $0.metric != plan.objective.metric }.map {
        "\($0.metric) \(decimal($0.mean, places: 4))"
      }
      if !others.isEmpty { console.print("         " + others.joined(separator: ", ")) }
    }
    guard let model = try model() else { return }
    console.print("model    \(model.path)")
    if !runner.isQuiet { console.note("next     muster model explain \(model.sweep) --tracker \(plan.trackerPath)") }
  }

  /// Fits the winner as it stands, or finds that this was done.
  func fit(looksAgain: Bool) throws -> Score {
    let (winner, reader) = try winner()
    let refit = try refitPlan(winner, reader, looksAgain: looksAgain)
    try runner.runOrTell(refit, dataset)
    let done = try asCommand { () -> TrialSummary? in
      let reader = try TrackerReader(path: plan.trackerPath)
      return try reader.trials(of: reader.sweep(named: refit.name)).first
    }
    guard let done, done.state == "completed" else {
      throw CommandFailure(.failed, "the fit of #\(winner.number) failed: \(done?.reason ?? "it was not recorded")")
    }
    return Score(winner: winner, test: done)
  }

  private func winner() throws -> (TrialSummary, TrackerReader) {
    try asCommand {
      let reader = try TrackerReader(path: plan.trackerPath)
      let summary = try reader.sweep(named: plan.name)
      guard summary.state == "finished" else {
        throw CommandFailure(
          .nothingFound, "sweep \(plan.name) is \(summary.state): its winner is known when it has finished")
      }
      guard let best = try reader.leaderboard(of: summary).first, best.objective != nil else {
        throw CommandFailure(.nothingFound, "sweep \(plan.name) has no trial with a score")
      }
      return (best, reader)
    }
  }

  /// Of the looks at the test set so far, the one at this winner; else a new one, where there may be one.
  private func refitPlan(
    _ winner: TrialSummary, _ reader: TrackerReader, looksAgain: Bool
  ) throws -> SweepPlan {
    let names = try asCommand { try reader.sweeps().map(\.name) }
    var look = 1
    while names.contains(SweepPlan.refitName(of: plan.name, look: look)) {
      let earlier = try asCommand {
        try reader.trials(of: reader.sweep(named: SweepPlan.refitName(of: plan.name, look: look))).first
      }
      // One that was begun and has no trial yet is anyone's.
      guard let earlier, earlier.proposal != winner.proposal else { break }
      guard looksAgain || plan.folds.testSet == nil else {
        throw CommandFailure(
          .badInput,
          "the test set of \(plan.name) was looked at for another winner (\(SweepPlan.refitName(of: plan.name, look: look)), "
            + "\(text(earlier))), and now #\(winner.number) leads: a second look flatters; --again takes it")
      }
      look += 1
    }
    let refit = plan.refit(of: winner.proposal, look: look)
    guard refit.name.utf8.count <= 63 else {
      throw CommandFailure(.badInput, "\(refit.name) is longer than a sweep's name may be, 63: shorten \(plan.name)")
    }
    return refit
  }

  private func model() throws -> (path: String, sweep: String)? {
    let rows = try asCommand {
      try TrackerReader(path: plan.trackerPath).sql(
        """
        SELECT a.sha256, s.name FROM artifact a JOIN trial t ON t.trial_id = a.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
        WHERE s.name LIKE '\(plan.name)-refit%' AND a.kind = 'model' ORDER BY s.sweep_id DESC LIMIT 1
        """
      ).rows
    }
    guard let row = rows.first, case .text(let digest) = row[0] else { return nil }
    return ("\(plan.artifactsPath)/\(digest.prefix(2))/\(digest.dropFirst(2))", row[1].text)
  }

  /// "valid/auroc 0.7312 ± 0.0101"
  private func text(_ trial: TrialSummary) -> String {
    let sd = trial.objectiveSD.map { " ± \(decimal($0, places: 4))" } ?? ""
    return "\(plan.objective.metric) \(decimal(trial.objective, places: 4))\(sd)"
  }
}
