// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting
import Search
import SweepPlans
import Tracking

struct SweepRepeatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repeat",
    abstract: "Train a finished trial again with other seeds, to see its noise.",
    discussion: """
      Example: muster sweep repeat configs/sweeps/demo.yaml --trial 7 --times 5
      The same parameters on the same folds; other draws of rows, columns, weights and of the rows that early stopping looks at.
      Recorded as a sweep NAME-repeat7, so that the search's table stays as it is; more --times go on with it.
      """)

  @OptionGroup var sweep: SweepFileOptions
  @OptionGroup var options: ConsoleOptions
  @OptionGroup var crew: CrewOptions

  @Option(help: ArgumentHelp("The trial. Default: the best.", valueName: "trial"))
  var trial: Int?

  @Option(help: ArgumentHelp("How often.", valueName: "n"))
  var times = 5

  func validate() throws {
    guard (2...1_000).contains(times) else { throw ValidationError("--times: expected 2 to 1000") }
  }

  func run() throws {
    let (plan, dataset) = try sweep.read()
    let (chosen, board) = try choose(plan)
    let again = plan.repeating(chosen.proposal, number: chosen.number, count: times)
    guard again.name.utf8.count <= 63 else {
      throw CommandFailure(.badInput, "\(again.name) is longer than a sweep's name may be, 63: shorten \(plan.name)")
    }
    let runner = SweepRunner(crew: crew, console: options.console, isQuiet: options.quiet)
    try runner.runOrTell(again, dataset)
    let repeats = try asCommand {
      let reader = try TrackerReader(path: plan.trackerPath)
      return try reader.trials(of: reader.sweep(named: again.name))
    }
    for line in try lines(plan, chosen, board, repeats) { options.console.print(line) }
  }

  private func choose(_ plan: SweepPlan) throws -> (TrialSummary, [TrialSummary]) {
    try asCommand {
      let reader = try TrackerReader(path: plan.trackerPath)
      let summary = try reader.sweep(named: plan.name)
      let board = try reader.leaderboard(of: summary).filter { $0.objective != nil }
      guard let best = board.first else {
        throw CommandFailure(.nothingFound, "sweep \(plan.name) has no trial with a score yet")
      }
      guard let trial else { return (best, board) }
      guard let found = board.first(where: { $0.number == trial }) else {
        throw CommandFailure(.nothingFound, "sweep \(plan.name) has no trial #\(trial) with a score")
      }
      return (found, board)
    }
  }

  private func lines(
    _ plan: SweepPlan, _ chosen: TrialSummary, _ board: [TrialSummary], _ repeats: [TrialSummary]
  ) throws -> [String] {
    let scores = repeats.compactMap(\.objective)
    guard scores.count > 1, let own = chosen.objective, let low = scores.min(), let high = scores.max() else {
      throw CommandFailure(.someTrialsFailed, "fewer than two repeats of #\(chosen.number) have a score")
    }
    let mean = scores.reduce(0, +) / Double(scores.count)
    let squares = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let sd = (squares / Double(scores.count - 1)).squareRoot()
    func text(_ value: Double) -> String { decimal(value, places: 4) }
    // Whom a lucky seed could have put first.
    let near = board.filter { $0.number != chosen.number && abs(($0.objective ?? .nan) - own) < 2 * sd }
    let verdict =
      sd == 0
      ? "nothing in its training is drawn: seeds change nothing"
      : "\(near.count) of \(board.count - 1) other trials lie within two such SDs of it"
        + (near.isEmpty ? "" : ": " + near.prefix(8).map { "#\($0.number)" }.joined(separator: " "))
    return [
      "",
      "#\(chosen.number) \(chosen.learner)  \(plan.objective.metric) \(text(own)) in the search",
      "\(scores.count) repeats  mean \(text(mean)), SD over seeds \(text(sd)), from \(text(low)) to \(text(high))",
      verdict,
    ]
  }
}
