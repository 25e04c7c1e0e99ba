// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting
import Tracking

struct CurveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "curve", abstract: "Draw a trial's learning curves, a line a fold.",
    discussion: "On a pipe, and with --json or --csv, the points are printed.")

  @Argument(help: ArgumentHelp("A trial, as NAME#NUMBER.", valueName: "sweep#trial"))
  var thing: TrackedThing

  @Option(help: ArgumentHelp("Default: the first that the trial has a curve of, held-out patients' before training's."))
  var metric: String?

  @Option(help: ArgumentHelp("Only this fold.", valueName: "n"))
  var fold: Int?

  @OptionGroup var tracker: TrackerOptions
  @OptionGroup var options: ConsoleOptions

  func validate() throws {
    guard thing.trial != nil else { throw ValidationError("expected NAME#NUMBER, found \(thing)") }
  }

  func run() throws {
    let reader = try tracker.reader()
    let (name, points) = try asCommand { () throws -> (String, SQLTable) in
      _ = try reader.sweep(named: thing.sweep)
      let known = try reader.metrics(of: thing).curves
      guard let name = metric ?? known.first(where: { !$0.hasPrefix("train/") }) ?? known.first else {
        throw CommandFailure(
          .nothingFound, "\(thing) has no learning curve (linear models and running folds have none)")
      }
      guard known.contains(name) else {
        throw CommandFailure(
          .nothingFound, "\(thing) has no curve of \(name)", help: "it has " + known.joined(separator: ", "))
      }
      return (name, try reader.curve(of: thing, metric: name, fold: fold))
    }
    guard !points.rows.isEmpty else {
      throw CommandFailure(.nothingFound, "\(thing) has no curve of \(name) on fold \(fold ?? 0)")
    }
    if tracker.csv { return options.console.print(csv: points) }
    if tracker.json {
      return options.console.print(
        JSONText.object([
          ("schema", .text("muster.curve/v1")), ("trial", .text(thing.description)), ("metric", .text(name)),
          ("points", points.json),
        ]).description)
    }
    guard options.console.isOutputTerminal else { return show(points.shown(), options.console) }
    options.console.print(options.console.bold("\(thing)  \(name) by step, a line a fold"))
    for line in CurvePlot(curves(points), width: min(options.console.width, 120) - 14, height: 16).lines {
      options.console.print(line)
    }
  }

  /// Rows are (fold, step, value), ascending.
  private func curves(_ table: SQLTable) -> [[CurvePlot.Point]] {
    var curves: [[CurvePlot.Point]] = []
    var current: SQLTable.Value?
    for row in table.rows {
      if row[0] != current { curves.append([]) }
      current = row[0]
      guard case .integer(let step) = row[1], case .real(let value) = row[2] else { continue }
      curves[curves.count - 1].append(CurvePlot.Point(x: Double(step), y: value))
    }
    return curves
  }
}
