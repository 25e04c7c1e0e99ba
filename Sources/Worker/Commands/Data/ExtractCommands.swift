// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cohorts
import Features
import Foundation
import Reporting

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Hand data on in other formats.", subcommands: [ExportExtractCommand.self])
}

struct ExportExtractCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mimic-extract", abstract: "Write MIMIC-III tables as MIMIC-Extract's all_hourly_data.h5.",
    discussion: """
      Example: muster data export mimic-extract --mimic tables --out all_hourly_data.h5
      For pandas.read_hdf: patients, vitals_labs, vitals_labs_mean, interventions. docs/Interchange.md says what differs.
      """)

  @Option(help: ArgumentHelp("The folder with the tables, .csv or .csv.gz.", valueName: "dir"))
  var mimic: String

  @Option(help: ArgumentHelp("The file.", valueName: "file"))
  var out: String

  func run() throws {
    let console = Console()
    do {
      let report = try writeExtract(mimicDirectory: mimic, to: out, report: { console.note($0) })
      console.print("\(out): \(report.text)")
    } catch {
      throw CommandFailure(error.status, error.description)
    }
  }
}

struct ImportExtractCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mimic-extract", abstract: "Make data sets of MIMIC-Extract's all_hourly_data.h5.",
    discussion: """
      Example: muster data import mimic-extract all_hourly_data.h5 --out datasets
      Writes icu_mortality, in_hospital_mortality, length_of_stay and readmission_30d; docs/Interchange.md has their definitions.
      """)

  @Argument(help: ArgumentHelp("The file.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The folder for the data sets.", valueName: "dir"))
  var out: String

  @OptionGroup var stay: HoursOption

  func run() throws {
    guard FileManager.default.fileExists(atPath: file) else {
      throw CommandFailure(
        .inputMissing, "\(file): there is no such file", help: "name MIMIC-Extract's all_hourly_data.h5")
    }
    let console = Console()
    var settings = PreparationSettings(outcomes: [], createdBy: "muster \(codeVersion)")
    if let hours = stay.hoursToIndex {
      settings.definitions.mortality.hoursToIndex = hours
      settings.definitions.stay.hoursToIndex = hours
    }
    do {
      for report in try prepareExtract(
        path: file, outputDirectory: out, settings: settings, report: { console.note($0) })
      {
        console.print(
          "\(report.outcome): \(SmallCells.line(report.rowCount)) rows of "
            + "\(SmallCells.line(report.patientCount)) patients, \(report.columnCount) columns, written to \(report.directory)"
        )
      }
    } catch {
      throw CommandFailure(error.status, error.description)
    }
  }
}

struct HoursOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "From the time into the ICU to the prediction. Default: 48 for mortality, 24 for length of stay.",
      valueName: "hours"))
  var hoursToIndex: Int?

  func validate() throws {
    if let hoursToIndex, hoursToIndex < 1 { throw ValidationError("--hours-to-index: expected 1 or more") }
  }
}
