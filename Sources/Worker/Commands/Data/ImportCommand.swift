// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Features
import Interchange
import Reporting

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take over data in other formats.",
    subcommands: [ImportMedsCommand.self, ImportExtractCommand.self])
}

struct ImportMedsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meds", abstract: "Write MIMIC-III-shaped tables of the events of a MEDS data set.",
    discussion: """
      Examples: muster data import meds meds-mimic --out tables
                muster data prepare --mimic tables --out datasets
      Reads data/**/*.parquet; docs/Interchange.md lists the codes and columns.
      """)

  @Argument(help: ArgumentHelp("The folder that holds data/ and metadata/.", valueName: "dir"))
  var directory: String

  @Option(help: ArgumentHelp("The folder for the tables: new, or one of an earlier import.", valueName: "dir"))
  var out: String

  func run() throws {
    let console = Console()
    do {
      let report = try convertMeds(from: directory, to: out, report: { console.note($0) })
      for (table, count) in report.tables {
        console.print(count == 0 ? "\(table): no rows, not written" : "\(table): \(shown(count)) rows")
      }
      for (family, count) in report.unused { console.print("not used: \(family): \(shown(count)) events") }
      if report.hasOtherCodings {
        console.note(
          "warning: diagnoses or procedures in a coding other than ICD-9 were not used: columns of codes, scores and "
            + "phenotypes tell too little of the admissions that have them")
      }
      if report.leftOutCount > 0 {
        console.note("warning: \(shown(report.leftOutCount)) subjects without MEDS_BIRTH were left out")
      }
      if !report.hasFlags { console.note("warning: there is no column flag: no result counts as abnormal") }
      console.note("\(out): next: muster data prepare --mimic \(out) --out datasets")
    } catch {
      throw CommandFailure(error.status, error.description)
    }
  }

  private func shown(_ count: Int) -> String { SmallCells.line(count) }
}

extension InterchangeError {
  var status: ExitStatus {
    switch code {
    case .inputMissing: .inputMissing
    case .inputInvalid: .badInput
    case .occupied, .cannotWrite: .failed
    }
  }
}
