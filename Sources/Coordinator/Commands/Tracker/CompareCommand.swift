// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Hyperparameters
import Reporting
import Tracking

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Two or more trials: parameters that differ, and differences paired by fold.",
    discussion: """
      The first is compared with each of the others. A sweep without #NUMBER stands for its best trial. All must have been
      scored on the same folds: one data set, one fold plan.

      Examples:
        muster tracker compare demo#4 demo#7
        muster tracker compare demo demo-random --metric valid/auprc
      """)

  @Argument(help: ArgumentHelp("Trials or sweeps, two or more.", valueName: "sweep[#trial]"))
  var things: [TrackedThing]

  @Option(help: ArgumentHelp("Default: the objective's metric of the first."))
  var metric: String?

  @OptionGroup var tracker: TrackerOptions
  @OptionGroup var options: ConsoleOptions

  private struct Side {
    let thing: TrackedThing
    let trial: TrialSummary
    let origin: FoldOrigin
    let folds: [FoldValue]
  }

  func validate() throws {
    guard things.count >= 2 else { throw ValidationError("expected two trials or more, found \(things.count)") }
  }

  func run() throws {
    let reader = try tracker.reader()
    let (name, sides) = try asCommand { () throws -> (String, [Side]) in
      let name = try metric ?? reader.sweep(named: things[0].sweep).metric
      return (name, try things.map { try side($0, metric: name, reader) })
    }
    for side in sides.dropFirst() where side.origin != sides[0].origin {
      throw CommandFailure(
        .badInput, "\(sides[0].thing) and \(side.thing) have other folds: their values cannot be paired",
        help: "expected one data set and fold plan; found \(words(sides[0].origin)) and \(words(side.origin))")
    }
    let pairs = sides.dropFirst().map { ($0, FoldComparison(sides[0].folds, $0.folds)) }
    if tracker.csv { return printCSV(sides[0], pairs) }
    if tracker.json { return options.console.print(json(name, sides, pairs).description) }
    printParameters(sides)
    for (side, comparison) in pairs { printFolds(name, sides[0], side, comparison) }
  }

  private func side(_ thing: TrackedThing, metric: String, _ reader: TrackerReader) throws -> Side {
    let sweep = try reader.sweep(named: thing.sweep)
    let trial =
      try thing.trial == nil
      ? reader.leaderboard(of: sweep).first : reader.trials(of: sweep).first { $0.number == thing.trial }
    guard let trial else {
      throw CommandFailure(
        .nothingFound, thing.trial == nil ? "\(thing.sweep) has no trial with a score yet" : "no trial \(thing)",
        help: "muster tracker trials \(thing.sweep) --tracker \(reader.path)")
    }
    let named = TrackedThing(sweep: sweep.name, trial: trial.number)
    let folds = try reader.foldValues(of: named, metric: metric)
    guard !folds.isEmpty else {
      let known = try reader.metrics(of: named).folds
      throw CommandFailure(
        .nothingFound, "\(named) has no fold with a value of \(metric)",
        help: known.isEmpty ? "none of its folds is recorded yet" : "it has " + known.joined(separator: ", "))
    }
    return Side(thing: named, trial: trial, origin: try reader.foldOrigin(of: sweep), folds: folds)
  }

  private func words(_ origin: FoldOrigin) -> String { "\(origin.dataset.prefix(12)) \(origin.plan)" }

  /// Names in ascending order whose values are not the same in all.
  private func differing(_ sides: [Side]) -> [String] {
    let names = Set(sides.flatMap { $0.trial.parameters.entries.map(\.name) })
    return names.sorted().filter { name in Set(sides.map { $0.trial.parameters[name] }).count > 1 }
  }

  private func printParameters(_ sides: [Side]) {
    var table = TextTable([("PARAMETER", .left)] + sides.map { ($0.thing.description, .right) })
    if Set(sides.map(\.trial.learner)).count > 1 { table.append(["learner"] + sides.map(\.trial.learner)) }
    for name in differing(sides) {
      table.append([name] + sides.map { side in side.trial.parameters[name].map { "\($0)" } ?? "–" })
    }
    show(table, options.console)
  }

  private func printFolds(_ metric: String, _ one: Side, _ other: Side, _ comparison: FoldComparison) {
    options.console.print("")
    options.console.print(options.console.bold("\(metric)  \(one.thing) − \(other.thing)"))
    var table = TextTable([
      ("FOLD", .right), (one.thing.description, .right), (other.thing.description, .right), ("DIFFERENCE", .right),
    ])
    for pair in comparison.pairs {
      table.append([
        "\(pair.fold)", decimal(pair.one, places: 4), decimal(pair.other, places: 4), signed(pair.difference),
      ])
    }
    show(table, options.console)
    guard let mean = comparison.mean, let bootstrap = comparison.bootstrap, let corrected = comparison.corrected else {
      return options.console.print(
        "too few folds in common for an interval: \(comparison.pairs.count), expected 2 or more")
    }
    options.console.print(
      "mean \(signed(mean)), 95 % interval [\(signed(corrected.lowerBound)), \(signed(corrected.upperBound))] corrected for "
        + "shared training rows, [\(signed(bootstrap.lowerBound)), \(signed(bootstrap.upperBound))] by bootstrap over folds"
    )
    options.console.print(
      corrected.contains(0)
        ? "a tie: the folds cannot tell them apart" : "a difference at 5 %, not corrected for many looks")
  }

  private func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + decimal(value, places: 4) }

  private func printCSV(_ one: Side, _ pairs: [(Side, FoldComparison)]) {
    options.console.print("trial_a,trial_b,fold,value_a,value_b,difference")
    for (other, comparison) in pairs {
      for pair in comparison.pairs {
        options.console.print(
          "\(one.thing),\(other.thing),\(pair.fold),\(pair.one),\(pair.other),\(pair.difference)")
      }
    }
  }

  private func json(_ metric: String, _ sides: [Side], _ pairs: [(Side, FoldComparison)]) -> JSONText {
    let parameters = differing(sides).map { name in
      (name, JSONText.list(sides.map { side in side.trial.parameters[name].map { .raw($0.json) } ?? .null }))
    }
    let comparisons = pairs.map { other, comparison in
      JSONText.object([
        ("with", .text(other.thing.description)), ("mean", .optional(comparison.mean)),
        ("corrected", interval(comparison.corrected)), ("bootstrap", interval(comparison.bootstrap)),
        ("is_tie", comparison.isTie.map { .flag($0) } ?? .null),
        (
          "folds",
          .list(
            comparison.pairs.map { pair in
              .object([
                ("fold", .integer(Int64(pair.fold))), ("value", .real(pair.one)), ("other", .real(pair.other)),
                ("difference", .real(pair.difference)),
              ])
            })
        ),
      ])
    }
    return .object([
      ("schema", .text("muster.compare/v1")), ("metric", .text(metric)),
      ("trials", .list(sides.map { .text($0.thing.description) })),
      ("learners", .list(sides.map { .text($0.trial.learner) })), ("differing", .object(parameters)),
      ("comparisons", .list(comparisons)),
    ])
  }

  private func interval(_ range: ClosedRange<Double>?) -> JSONText {
    range.map { .list([.real($0.lowerBound), .real($0.upperBound)]) } ?? .null
  }
}
