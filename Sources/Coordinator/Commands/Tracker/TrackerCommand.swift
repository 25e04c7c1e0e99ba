// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Reporting
import Tracking

struct TrackerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tracker", abstract: "Read a tracker, while a sweep runs and after it.",
    discussion: """
      Examples:
        export MUSTER_TRACKER=runs/demo/tracker.db
        muster tracker best demo
        muster tracker show demo#4
        muster tracker compare demo#4 demo#7
        muster tracker sql "SELECT * FROM workers" --json
      """,
    subcommands: [
      SweepsCommand.self, TrialsCommand.self, BestCommand.self, ShowCommand.self, CompareCommand.self,
      CurveCommand.self,
      SQLCommand.self, TagCommand.self, NoteCommand.self, ExportCommand.self,
      TrackerImportCommand.self, DeleteCommand.self, UndeleteCommand.self, VacuumCommand.self, BackupCommand.self,
      MigrateCommand.self,
    ])
}

/// Which tracker, and in which form.
struct TrackerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The tracker's file. Default: $MUSTER_TRACKER.", valueName: "file"))
  var tracker: String?

  @Flag(help: "One JSON object instead of a table.")
  var json = false

  @Flag(help: "Comma-separated values (RFC 4180) instead of a table, every digit kept.")
  var csv = false

  func validate() throws {
    guard !(json && csv) else { throw ValidationError("--json and --csv: expected at most one of them") }
  }

  func reader() throws -> TrackerReader {
    let path = try trackerPath(tracker)
    return try asCommand { try TrackerReader(path: path) }
  }
}

func trackerPath(_ given: String?) throws -> String {
  guard let path = given ?? ProcessInfo.processInfo.environment["MUSTER_TRACKER"] else {
    throw CommandFailure(
      .usage, "no tracker is named",
      help: "give --tracker FILE, or set MUSTER_TRACKER; a sweep file names it as track.db")
  }
  return path
}

struct SweepsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the sweeps of a tracker.", aliases: ["sweeps"])

  @OptionGroup var tracker: TrackerOptions
  @OptionGroup var options: ConsoleOptions

  func run() throws {
    let reader = try tracker.reader()
    if tracker.csv {
      let table = try asCommand { try reader.sweepsTable() }
      return options.console.print(csv: table)
    }
    let sweeps = try asCommand { try reader.sweeps() }
    if tracker.json {
      let list = sweeps.map { sweep in
        JSONText.object([
          ("name", .text(sweep.name)), ("outcome", .text(sweep.outcome)), ("state", .text(sweep.state)),
          ("metric", .text(sweep.metric)), ("direction", .text(sweep.isMaximized ? "maximize" : "minimize")),
          ("dataset", .text(sweep.dataset)), ("rows", .integer(Int64(sweep.rowCount))),
          ("trials", .integer(Int64(sweep.trialCount))), ("completed", .integer(Int64(sweep.completedCount))),
          ("failed", .integer(Int64(sweep.failedCount))), ("folds", .integer(Int64(sweep.foldsRecorded))),
          ("best", .optional(sweep.best)), ("created_at", .text(sweep.createdAt)),
        ])
      }
      options.console.print(
        JSONText.object([("schema", .text("muster.sweeps/v1")), ("sweeps", .list(list))]).description)
      return
    }
    var table = TextTable([
      ("NAME", .left), ("STATE", .left), ("OUTCOME", .left), ("TRIALS", .right), ("FAILED", .right), ("FOLDS", .right),
      ("METRIC", .left), ("BEST", .right), ("CREATED", .left),
    ])
    for sweep in sweeps {
      table.append([
        sweep.name, sweep.state, sweep.outcome, "\(sweep.trialCount)", "\(sweep.failedCount)", "\(sweep.foldsRecorded)",
        sweep.metric, decimal(sweep.best, places: 4), sweep.createdAt,
      ])
    }
    show(table, options.console)
  }
}

struct SQLCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sql", abstract: "Run one read-only statement.",
    discussion:
      "The views leaderboard, trials, fold_results, learning_curves and others are made for it: docs/Tracker.md.")

  @Argument(help: ArgumentHelp("One SELECT, WITH, VALUES or EXPLAIN.", valueName: "query"))
  var query: String

  @Option(help: ArgumentHelp("Rows to print at most.", valueName: "n"))
  var rows = 100_000

  @Option(help: ArgumentHelp("Seconds after which it is stopped.", valueName: "s"))
  var seconds = 60

  @OptionGroup var tracker: TrackerOptions
  @OptionGroup var options: ConsoleOptions

  func validate() throws {
    guard rows >= 1 else { throw ValidationError("--rows: expected 1 or more, found \(rows)") }
    guard (1...86_400).contains(seconds) else {
      throw ValidationError("--seconds: expected 1 to 86400, found \(seconds)")
    }
  }

  func run() throws {
    let reader = try tracker.reader()
    let limits = SQLLimits(rowCount: rows, milliseconds: seconds * 1_000)
    let result = try asCommand { try reader.sql(query, limits: limits) }
    if result.isCut && !options.quiet {
      options.console.note("only the first \(rows) rows; --rows N prints more")
    }
    if tracker.csv { return options.console.print(csv: result) }
    if tracker.json {
      let rows = result.rows.map { row in JSONText.list(row.map { $0.json }) }
      options.console.print(
        JSONText.object([
          ("schema", .text("muster.sql/v1")), ("columns", .list(result.columns.map { .text($0) })),
          ("rows", .list(rows)),
        ]).description)
      return
    }
    var table = TextTable(result.columns.map { ($0, .left) })
    for row in result.rows { table.append(row.map(\.text)) }
    show(table, options.console)
  }
}

/// Aligned on a terminal, tab-separated on a pipe.
func show(_ table: TextTable, _ console: Console) {
  guard console.isOutputTerminal else {
    for line in table.tabSeparated { console.print(line) }
    return
  }
  for (index, line) in table.lines.enumerated() { console.print(index == 0 ? console.bold(line) : line) }
}
