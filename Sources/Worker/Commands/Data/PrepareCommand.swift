// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cohorts
import Features
import Reporting
import Sweeps

extension Outcome: ExpressibleByArgument {}

struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Turn MIMIC-III tables into feature shards: cohort, labels, features.",
    discussion: """
      Example: muster data prepare --mimic tables --out datasets
      Writes one data set an outcome, each in a folder of its own, and prints who was left out and why. docs/Cohorts.md defines
      cohorts, labels and windows.
      """)

  @Option(help: ArgumentHelp("The folder with the tables, .csv or .csv.gz.", valueName: "dir"))
  var mimic: String

  @Option(help: ArgumentHelp("The folder for the data sets.", valueName: "dir"))
  var out: String

  @Option(
    name: .customLong("outcome"),
    help: ArgumentHelp(
      "readmission_30d, icu_mortality or length_of_stay; may be given again. Default: all.", valueName: "name"))
  var outcomes: [Outcome] = []

  @Flag(help: "The report as one JSON object.")
  var json = false

  func run() throws {
    let console = Console()
    do {
      let report = try prepareDatasets(
        mimicDirectory: mimic, outputDirectory: out,
        settings: PreparationSettings(
          outcomes: outcomes.isEmpty ? PreparationSettings.usualOutcomes : outcomes, createdBy: "muster \(codeVersion)"),
        report: { console.note($0) })
      console.print(json ? report.json : report.text)
    } catch {
      throw CommandFailure(status(of: error), error.description)
    }
  }

  private func status(of error: PreparationError) -> ExitStatus {
    switch error.cause {
    case .input(let error):
      [.tableMissing, .directoryUnreadable].contains(error.code) ? .inputMissing : .badInput
    case .output, .scratch: .failed
    case .cohortEmpty: .badInput
    case .nothingAsked, .settingInvalid: .usage
    }
  }
}
