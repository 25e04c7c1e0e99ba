// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cohorts
import Features
import Foundation
import Reporting
import Shards
import Sweeps

extension Outcome: ExpressibleByArgument {}
extension FeatureSet: ExpressibleByArgument {}

struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Turn MIMIC-III tables into feature shards: cohort, labels, features.",
    discussion: """
      Examples: muster data prepare --mimic tables --out datasets
                muster data prepare --mimic tables --out datasets --preset mimic3-benchmarks
      Writes one data set an outcome, each in a folder of its own, and prints who was left out and why. docs/Cohorts.md defines
      cohorts, labels and windows. A run that was killed goes on where it was.
      """)

  enum Preset: String, CaseIterable, ExpressibleByArgument { case mimic3Benchmarks = "mimic3-benchmarks" }

  @Option(help: ArgumentHelp("The folder with the tables, .csv or .csv.gz.", valueName: "dir"))
  var mimic: String

  @Option(help: ArgumentHelp("The folder for the data sets.", valueName: "dir"))
  var out: String

  @Option(
    name: .customLong("outcome"),
    help: ArgumentHelp(
      "readmission_30d (or 7d, 60d, 90d), icu_mortality, in_hospital_mortality, length_of_stay, length_of_stay_class or "
        + "hospital_length_of_stay; may be given again. Default: readmission_30d, icu_mortality, length_of_stay.",
      valueName: "name"))
  var outcomes: [Outcome] = []

  @Option(
    name: .customLong("also"),
    help: ArgumentHelp(
      "An outcome whose labels rows get beside their own, at their own index time, for further heads of the LSTM; may be given "
        + "again. All of --outcome but length_of_stay_class; beside a readmission only readmissions. Default: none.",
      valueName: "name"))
  var further: [Outcome] = []

  @Option(help: ArgumentHelp("mimic3-benchmarks: that benchmark's four tasks, by its rules.", valueName: "name"))
  var preset: Preset?

  @Option(help: ArgumentHelp("standard: about 350 columns; full: about 1,630.", valueName: "name"))
  var features = FeatureSet.standard

  @Flag(
    inversion: .prefixedNo, help: "Unpack every .gz once before the work. Default: where they take more than 1 GiB.")
  var checkFirst: Bool?

  @OptionGroup(title: "Readmission") var readmission: ReadmissionOptions
  @OptionGroup(title: "Mortality and length of stay") var stay: StayOptions
  @OptionGroup(title: "Preset mimic3-benchmarks") var benchmark: BenchmarkOptions

  @Option(help: ArgumentHelp("Years of age at the start.", valueName: "years"))
  var minimumAge = 18

  @Option(help: ArgumentHelp("Rows of one file.", valueName: "n"))
  var rowsPerShard = 4096

  @Option(help: ArgumentHelp("Cores to use; default: all. The result is the same for any number.", valueName: "n"))
  var threads: Int?

  @Option(help: ArgumentHelp("A run that is killed loses at most so long of what it read.", valueName: "s"))
  var checkpointSeconds = 15.0

  @Flag(help: "The report as one JSON object.")
  var json = false

  func validate() throws {
    if !(checkpointSeconds >= 0) { throw ValidationError("--checkpoint-seconds: expected 0 or more") }
    if preset != nil, !outcomes.isEmpty {
      throw ValidationError("--preset makes its own outcomes: leave --outcome out")
    }
    if preset != nil, !further.isEmpty {
      throw ValidationError("--preset makes the benchmark's labels alone: leave --also out")
    }
    if let threads, threads < 1 { throw ValidationError("--threads: expected 1 or more") }
  }

  func run() throws {
    let console = Console()
    var settings = PreparationSettings(
      outcomes: outcomes.isEmpty ? PreparationSettings.usualOutcomes : outcomes, createdBy: "muster \(codeVersion)",
      rowsPerShard: rowsPerShard, threadCount: threads)
    settings.further = further
    settings.featureSet = features
    settings.checksFirst = checkFirst
    settings.secondsPerCheckpoint = checkpointSeconds
    readmission.apply(to: &settings.definitions.readmission, ageYearsMin: minimumAge)
    stay.apply(to: &settings.definitions.mortality, ageYearsMin: minimumAge)
    stay.apply(to: &settings.definitions.stay, ageYearsMin: minimumAge)
    settings.definitions.stay.graceHours = 0
    do {
      let report =
        preset == nil
        ? try prepareDatasets(
          mimicDirectory: mimic, outputDirectory: out, settings: settings, report: { console.note($0) })
        : try prepareBenchmark(
          mimicDirectory: mimic, outputDirectory: out, settings: settings, benchmark: try benchmark.settings(),
          report: { console.note($0) })
      console.print(json ? report.json : report.text)
    } catch let error as PreparationError {
      throw CommandFailure(error.status, error.description)
    }
  }
}

extension PreparationError {
  var status: ExitStatus {
    switch cause {
    case .input(let error):
      [.tableMissing, .directoryUnreadable].contains(error.code) ? .inputMissing : .badInput
    case .output(let error): [.hdf5, .shapeMismatch, .layoutUnusable].contains(error.code) ? .badInput : .failed
    case .scratch: .failed
    case .cohortEmpty: .badInput
    case .nothingAsked, .settingInvalid: .usage
    }
  }
}

struct ReadmissionOptions: ParsableArguments {
  @Flag(help: "Only emergency and urgent admissions count as a readmission.")
  var unplannedOnly = false

  @Flag(help: "Leave elective admissions out of the denominator.")
  var excludeElective = false

  @Flag(help: "Leave discharges to a hospice out.")
  var excludeHospice = false

  @Flag(help: "Leave those out who left against medical advice.")
  var excludeAgainstAdvice = false

  @Flag(help: "Leave those out who die within the window without having come back.")
  var excludeDeathInWindow = false

  func apply(to definition: inout ReadmissionDefinition, ageYearsMin: Int) {
    definition.ageYearsMin = ageYearsMin
    definition.countsUnplannedOnly = unplannedOnly
    definition.excludesElective = excludeElective
    definition.excludesHospice = excludeHospice
    definition.excludesAgainstAdvice = excludeAgainstAdvice
    definition.excludesDeathInWindow = excludeDeathInWindow
  }
}

struct StayOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "From the time into the ICU to the prediction. Default: 48 for mortality, 24 for length of stay.",
      valueName: "hours"))
  var hoursToIndex: Int?

  @Option(help: ArgumentHelp("A death so long after the time out counts as one in the ICU.", valueName: "hours"))
  var icuGraceHours = 0

  func validate() throws {
    if let hoursToIndex, hoursToIndex < 1 { throw ValidationError("--hours-to-index: expected 1 or more") }
    if icuGraceHours < 0 { throw ValidationError("--icu-grace-hours: expected 0 or more") }
  }

  func apply(to definition: inout ICUDefinition, ageYearsMin: Int) {
    definition.ageYearsMin = ageYearsMin
    definition.hoursToIndex = hoursToIndex ?? definition.hoursToIndex
    definition.graceHours = icuGraceHours
  }
}

struct BenchmarkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A list of patients, one number a line (or number,1): the benchmark's test part. Default: none.",
      valueName: "file"))
  var testPatients: String?

  @Option(
    help: ArgumentHelp("Hourly tasks: a row of the data set every so many hours. List files have all.", valueName: "n"))
  var hoursBetweenSamples = 12

  @Option(
    name: .customLong("phenotype"),
    help: ArgumentHelp("A condition that becomes a data set, or all; may be given again.", valueName: "name"))
  var phenotypes: [String] = []

  @Flag(help: "Write no list files and event series, only shards.")
  var withoutSeries = false

  func settings() throws -> BenchmarkSettings {
    BenchmarkSettings(
      testPatients: try testPatients.map(patients) ?? [], hoursBetweenSamples: hoursBetweenSamples,
      phenotypes: phenotypes == ["all"] ? BenchmarkSettings.phenotypeNames : phenotypes, writesSeries: !withoutSeries)
  }

  private func patients(_ path: String) throws -> Set<Int64> {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(.inputMissing, "\(path): cannot be read; name a file with one number a line")
    }
    var found: Set<Int64> = []
    for (index, line) in String(decoding: data, as: UTF8.self).split(separator: "\n").enumerated() {
      let fields = line.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
      guard let first = fields.first, let number = Int64(first), fields.count <= 2 else {
        throw CommandFailure(.badInput, "\(path), line \(index + 1): expected a number, found something else")
      }
      if fields.count == 1 || fields[1] == "1" { found.insert(number) }
    }
    return found
  }
}
