// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

/// `muster data …` as it is typed: killed and begun again, on data sets with a damaged manifest, on very few patients.
@Suite(.serialized) struct DataCommandTests {
  private let muster: Installation
  init() throws { muster = try Installation.shared.get() }

  /// Every file below a folder: its path and its bytes.
  private func files(_ folder: String) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for case let name as String in try #require(FileManager.default.enumerator(atPath: folder)) {
      var isFolder: ObjCBool = false
      let path = "\(folder)/\(name)"
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
      found[name] = try Data(contentsOf: URL(fileURLWithPath: path))
    }
    return found
  }

  private func arguments(_ tables: String, _ out: String, _ more: [String]) -> [String] {
    ["data", "prepare", "--mimic", tables, "--out", out, "--threads", "1", "--checkpoint-seconds", "0"] + more
  }

  /// Starts `prepare` and kills it as soon as its journal has been written `count` times; false where it ended before.
  private func killed(_ arguments: [String], journal: String, after count: Int) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: muster.executables + "/muster-worker")
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    var (seen, last) = (0, Data())
    let deadline = ContinuousClock.now + .seconds(60)
    while process.isRunning, ContinuousClock.now < deadline {
      if let now = FileManager.default.contents(atPath: journal), now != last {
        last = now
        seen += 1
        if seen >= count { break }
      }
      usleep(300)
    }
    let isKilled = process.isRunning
    if isKilled { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return isKilled && process.terminationReason == .uncaughtSignal
  }

  /// In real life: the node is rebooted in the middle of a long `prepare`, three times.
  ///
  /// Goal: the run goes on where it was, and its files are those of a run that nobody disturbed. Method: kill -9 by the journal; all
  /// bytes below the folder compared, shards, manifests and (of the preset) the benchmark's files.
  @Test(arguments: [
    (["--outcome", "readmission_30d", "--outcome", "icu_mortality"], ".preparing"),
    (["--preset", "mimic3-benchmarks"], ".preparing-benchmark"),
  ])
  func prepare_killedAgainAndAgain_endsAsIfUndisturbed(more: [String], scratch: String) throws {
    let name = "resumed" + scratch
    let tables = "\(muster.folder)/\(name)-tables"
    let made = try muster.run([
      "data", "synthesize", "--patients", "200", "--seed", "11", "--density", "full", "--plain", "--out", tables,
    ])
    try #require(made.status == 0, "\(made.error)")
    let (calm, disturbed) = ("\(muster.folder)/\(name)-calm", "\(muster.folder)/\(name)-disturbed")
    let whole = try muster.run(arguments(tables, calm, more))
    try #require(whole.status == 0, "\(whole.error)")
    let journal = "\(disturbed)/\(scratch)/journal.json"
    var killCount = 0
    for count in [2, 8, 5] where try killed(arguments(tables, disturbed, more), journal: journal, after: count) {
      killCount += 1
      #expect(FileManager.default.fileExists(atPath: journal))
      #expect(!FileManager.default.fileExists(atPath: disturbed + "/readmission_30d/manifest.json"))
    }
    try #require(killCount > 0, "the run was over before it could be killed")
    let resumed = try muster.run(arguments(tables, disturbed, more))
    #expect(resumed.status == 0, "\(resumed.error)")
    #expect(resumed.error.contains("going on behind row") || resumed.error.contains("read by an earlier run"))
    let (expected, found) = (try files(calm), try files(disturbed))
    #expect(expected.keys.sorted() == found.keys.sorted() && expected.count > 3)
    for (file, bytes) in expected { #expect(found[file] == bytes, "\(file)") }
    for path in [tables, calm, disturbed] { try FileManager.default.removeItem(atPath: path) }
  }

  /// In real life: a copy that broke off, an editor, a newer version, a folder of something else.
  ///
  /// Goal: every command and every fold refuses it by the file's name and says what to do; nothing is trained.
  @Test(arguments: ["cut", "empty", "type", "version", "missing"])
  func damagedManifest_isRefusedByAll_andNothingIsTrained(damage: String) throws {
    let copy = "\(muster.folder)/manifest-\(damage)"
    try FileManager.default.copyItem(atPath: muster.dataset, toPath: copy)
    let path = copy + "/manifest.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let plan = try muster.plan("manifest-\(damage)")
    let sweep = plan.file + "-damaged.yaml"
    try String(contentsOfFile: plan.file, encoding: .utf8).replacing(muster.dataset, with: copy)
      .write(toFile: sweep, atomically: true, encoding: .utf8)
    let damaged: String? =
      switch damage {
      case "cut": String(text.prefix(text.count / 2))
      case "empty": ""
      case "type": text.replacing(/"rows": \d+/, with: "\"rows\": \"many\"")
      case "version": text.replacing(/"format": \d+/, with: "\"format\": 9")
      default: nil
      }
    if let damaged { #expect(damaged != text) }
    try FileManager.default.removeItem(atPath: path)
    try damaged.map { try Data($0.utf8).write(to: URL(fileURLWithPath: path)) }
    let isMissing = damage == "missing"
    for command in ["inspect", "verify", "describe", "audit"] {
      let result = try muster.run(["data", command, copy])
      #expect(result.status == (isMissing ? 66 : 65), "\(command): \(result.error)")
      #expect(result.error.contains("manifest.json"), "\(result.error)")
      #expect(result.error.contains("prepare the data set"), "\(result.error)")
      if damage == "version" { #expect(result.error.contains("version of Muster")) }
    }
    let result = try muster.run(["sweep", "run", sweep, "--workers", "1", "--set", "execution.retries=0"])
    #expect(result.status != 0 && result.error.contains(copy), "\(result.status): \(result.error)")
    if FileManager.default.fileExists(atPath: plan.tracker) {
      #expect(try plan.query("SELECT count(*) FROM result") == [[.integer(0)]])
    }
  }

  /// A number of 1 to 10 before a word for people or their rows, or behind a word of a line of result.
  private func tellsFew(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init).filter { line in
      line.contains(
        /(^|[^0-9.])([1-9]|10) (rows|patients|subjects|stays|admissions|ICU|hours|events|used|positive)\b/)
        || line.contains(/left out[^:]*:? +([1-9]|10)$/) || line.contains(/\b([1-9]|10) of [0-9]+ (patients|ICU)/)
    }
  }

  /// In real life: a result line is pasted into a ticket. Six patients: no command says so.
  @Test func veryFewPatients_areCountedInNoLine() throws {
    let tables = muster.folder + "/few-tables"
    try #require(
      try muster.run(["data", "synthesize", "--patients", "6", "--seed", "5", "--plain", "--out", tables]).status == 0)
    let out = muster.folder + "/few"
    let dataset = out + "/length_of_stay"
    let file = muster.folder + "/few.h5"
    var texts: [String] = []
    func run(_ arguments: [String], _ allowed: [Int32] = [0]) throws {
      let result = try muster.run(["data"] + arguments)
      #expect(allowed.contains(result.status), "\(arguments): \(result.error)")
      texts += [result.output, result.error]
    }
    try run(["prepare", "--mimic", tables, "--out", out, "--outcome", "length_of_stay", "--outcome", "readmission_30d"])
    try run(["prepare", "--mimic", tables, "--out", out, "--outcome", "length_of_stay", "--json"])
    try run(["inspect", dataset])
    try run(["verify", dataset])
    try run(["describe", dataset, "--html", out + ".html"])
    try run(["audit", dataset], [0, 65])
    try run(["audit", dataset, "--json"], [0, 65])
    try run(["export", "mimic-extract", "--mimic", tables, "--out", file])
    // No stay need be long enough.
    try run(["import", "mimic-extract", file, "--out", out + "-extract", "--hours-to-index", "1"], [0, 65])
    texts.append(try String(contentsOfFile: out + ".html", encoding: .utf8))
    for text in texts {
      #expect(tellsFew(text).isEmpty, "\(tellsFew(text))")
      #expect(!text.contains(/^ +(rows|stays|admissions|ICU stays)[a-z A-Z]* +([1-9]|10)$/.anchorsMatchLineEndings()))
      #expect(!text.contains(/"(rowCount|patientCount|usedCount|count)" : ([1-9]|10)\b/))
    }
    #expect(texts.contains { $0.contains("rows      hidden of hidden patients") })
    #expect(tellsFew("written: 3 rows of 2 patients").count == 1 && tellsFew("rows of 13 patients").isEmpty)
  }
}
