// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting
import Search
import SweepPlans
import Sweeps
import Tracking

struct SweepNestedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nested",
    abstract: "Nested cross-validation: the whole search again for each part of the patients held out.",
    discussion: """
      Example: muster sweep nested configs/sweeps/demo.yaml --parts 5
      For each part: search over the other patients with the file's own folds, fit the winner to them, score it on the part. The
      mean over the parts is what the whole procedure, search included, is worth. Recorded as sweeps NAME-outer0, NAME-outer0-refit
      and so on; stopped at any moment, the same command goes on.
      """)

  @OptionGroup var sweep: SweepFileOptions
  @OptionGroup var options: ConsoleOptions
  @OptionGroup var crew: CrewOptions

  @Option(help: ArgumentHelp("Parts, each held out once.", valueName: "n"))
  var parts = 5

  func validate() throws {
    guard (2...10).contains(parts) else { throw ValidationError("--parts: expected 2 to 10") }
    guard !crew.startsNobody else {
      throw ValidationError("--workers 0: nested cross-validation is many sweeps, and needs workers of its own")
    }
  }

  func run() throws {
    let (given, dataset) = try sweep.read()
    guard given.folds.testSet == nil else {
      throw CommandFailure(
        .badInput, "\(sweep.file) has a test set (cv.test), and nested cross-validation holds out every patient once",
        help: "take cv.test out, or use muster sweep refit")
    }
    guard given.warmStart == nil else {
      throw CommandFailure(
        .badInput,
        "\(sweep.file) has a warm_start: its trials were chosen with the patients that a part is to hold out",
        help: "take warm_start out")
    }
    let plan = given
    let runner = SweepRunner(crew: crew, console: options.console, isQuiet: options.quiet)
    var turns: [RefitReport.Score] = []
    for part in 0..<parts {
      let outer = plan.outer(part, of: parts)
      try asCommand { try outer.check(dataset) }
      try runner.runOrTell(outer, dataset)
      turns.append(try RefitReport(plan: outer, dataset: dataset, runner: runner).fit(looksAgain: false))
    }
    for line in try lines(plan, turns) { options.console.print(line) }
  }

  private func lines(_ plan: SweepPlan, _ turns: [RefitReport.Score]) throws -> [String] {
    func text(_ value: Double?) -> String { decimal(value, places: 4) }
    let metric = plan.objective.metric
    let sizes = try asCommand {
      let reader = try TrackerReader(path: plan.trackerPath)
      return try turns.indices.map { part in
        try rowCounts(reader, sweep: SweepPlan.refitName(of: plan.outer(part, of: parts).name, look: 1))
      }
    }
    let score = TrialScore(
      zip(turns, sizes).enumerated().map { part, turn in
        TrialScore.Fold(
          fold: part, value: turn.0.test.objective ?? .nan, trainRowCount: turn.1.train, validRowCount: turn.1.held)
      })
    let gaps = turns.compactMap { turn in
      if let inner = turn.winner.objective, let outer = turn.test.objective { inner - outer } else { nil as Double? }
    }
    let interval = score.interval.map { " [\(text($0.lowerBound)), \(text($0.upperBound))]" } ?? ""
    return ["", "part  winner           \(metric): in its search  on the part"]
      + turns.enumerated().map { part, turn in
        "\(part)     #\(turn.winner.number) \(turn.winner.learner)  \(text(turn.winner.objective))  \(text(turn.test.objective))"
      } + [
        "",
        "\(metric) of the whole procedure  \(text(score.objective)) ± \(text(score.sd)) over \(turns.count) parts\(interval)",
        "the searches' own scores are \(text(gaps.reduce(0, +) / Double(max(gaps.count, 1)))) above what they are worth",
      ]
  }

  private func rowCounts(_ reader: TrackerReader, sweep: String) throws -> (train: Int, held: Int) {
    let rows = try reader.sql(
      """
      SELECT r.n_train, r.n_valid FROM result r JOIN trial t ON t.trial_id = r.trial_id
      JOIN sweep s ON s.sweep_id = t.sweep_id WHERE s.name = '\(sweep)'
      """
    ).rows
    guard case .integer(let train)? = rows.first?[0], case .integer(let held)? = rows.first?[1] else { return (0, 0) }
    return (Int(train), Int(held))
  }
}
