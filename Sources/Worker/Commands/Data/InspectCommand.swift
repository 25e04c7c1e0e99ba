// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Features
import Reporting
import Shards
import Sweeps

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Counts, columns and provenance of a data set, from its manifest.",
    discussion: "Example: muster data inspect datasets/readmission_30d --columns")

  @Argument(help: ArgumentHelp("The data set's folder.", valueName: "dir"))
  var directory: String

  @Flag(help: "List every column: item, unit, window, statistic.")
  var columns = false

  func run() throws {
    let console = Console()
    let (manifest, digest) = try asDataFailure { () throws(ShardError) in try Manifest.read(directory: directory) }
    console.print("name      \(manifest.name)  (\(manifest.source), made by \(manifest.createdBy))")
    console.print("outcome   \(manifest.outcome.rawValue), index time: \(manifest.indexTime)")
    console.print(
      "rows      \(SmallCells.line(manifest.rowCount)) of \(SmallCells.line(manifest.patientCount)) patients in \(manifest.files.count) files"
    )
    console.print(
      "columns   \(manifest.columns.count) tabular; sequences of \(manifest.stepCount) h × \(manifest.channels.count)")
    for further in manifest.further { console.print("also      \(further.text)") }
    console.print("sha256    \(digest)")
    guard columns else { return }
    var table = TextTable([
      ("COLUMN", .left), ("ITEM", .left), ("UNIT", .left), ("WINDOW", .left), ("STATISTIC", .left),
    ])
    for column in manifest.columns + manifest.channels {
      table.append([column.name, column.item, column.unit, column.window, column.statistic])
    }
    for line in console.isOutputTerminal ? table.lines : table.tabSeparated { console.print(line) }
  }
}

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every byte of a data set against its manifest.",
    discussion: "Example: muster data verify datasets/readmission_30d")

  @Argument(help: ArgumentHelp("The data set's folder.", valueName: "dir"))
  var directory: String

  func run() throws {
    let console = Console()
    let result = try asDataFailure { () throws(ShardError) in try DatasetVerification(directory: directory) }
    for file in result.files {
      console.print("\(file.problem == nil ? "ok     " : "BROKEN ") \(file.entry.name)")
      if let problem = file.problem { console.note("error: \(problem)") }
    }
    guard result.isIntact else { throw CommandFailure.silent(.badInput) }
  }
}

func asDataFailure<Value>(_ body: () throws(ShardError) -> Value) throws(CommandFailure) -> Value {
  do { return try body() } catch {
    throw CommandFailure(error.code == .manifestMissing ? .inputMissing : .badInput, error.description)
  }
}
