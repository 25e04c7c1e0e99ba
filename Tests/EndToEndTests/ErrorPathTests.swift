// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

/// Each way a user, a disk or a neighbour can be wrong: an exit code, and one line that says what to do.
@Suite(.serialized) struct ErrorPathTests {
  let muster: Installation

  init() throws { muster = try Installation.shared.get() }

  private func edited(_ plan: Installation.Plan, _ old: String, _ new: String) throws -> String {
    let file = plan.file + ".edited.yaml"
    try Data(plan.text.replacingOccurrences(of: old, with: new).utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  @Test func wrongKey_isShownWithItsLineAndTheNearestKey() throws {
    let plan = try muster.plan("wrong-key")
    let result = try muster.run(["sweep", "check", edited(plan, "leaves:", "leafs:")])
    let line = try #require(
      plan.text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("leaves:") })
    #expect(result.status == 65)
    #expect(
      result.error.contains("leafs") && result.error.contains("leaves")
        && result.error.contains("edited.yaml:\(line + 1)"), "\(result.error)")
    #expect(!FileManager.default.fileExists(atPath: plan.tracker))
  }

  @Test func missingSweepFile_andMissingDataset_are66() throws {
    #expect(try muster.run(["sweep", "run", muster.folder + "/none.yaml"]).status == 66)
    let plan = try muster.plan("no-data")
    let result = try muster.run(["sweep", "run", edited(plan, muster.dataset, muster.folder + "/nowhere")])
    #expect(result.status == 66 && result.error.contains("muster data prepare"))
  }

  @Test func missingTable_isNamed() throws {
    let folder = try copyOfTables("missing-table")
    try FileManager.default.removeItem(atPath: folder + "/LABEVENTS.csv.gz")
    let result = try prepare(folder)
    #expect(result.status == 66 && result.error.contains("LABEVENTS"), "\(result.error)")
  }

  @Test func emptyTable_isNamed() throws {
    let folder = try copyOfTables("empty-table")
    try FileManager.default.removeItem(atPath: folder + "/ADMISSIONS.csv.gz")
    try Data().write(to: URL(fileURLWithPath: folder + "/ADMISSIONS.csv"))
    let result = try prepare(folder)
    #expect(result.status == 65 && result.error.contains("ADMISSIONS.csv"), "\(result.error)")
  }

  @Test func truncatedGzip_isNamed_andNothingIsLeftBehind() throws {
    let folder = try copyOfTables("truncated")
    let path = folder + "/CHARTEVENTS.csv.gz"
    let bytes = try #require(FileManager.default.contents(atPath: path))
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
    let result = try prepare(folder)
    #expect(result.status == 65 && result.error.contains("CHARTEVENTS.csv.gz"), "\(result.error)")
    #expect(!FileManager.default.fileExists(atPath: folder + "-out/readmission_30d/manifest.json"))
  }

  /// I13: no fold trains on bytes that are not the manifest's; the error names the shard.
  @Test func flippedByte_stopsEveryFold() throws {
    let copy = muster.folder + "/flipped-data"
    try FileManager.default.copyItem(atPath: muster.dataset, toPath: copy)
    let shard = copy + "/shard-0000.h5"
    var bytes = try #require(FileManager.default.contents(atPath: shard))
    let manifest = try String(contentsOfFile: copy + "/manifest.json", encoding: .utf8)
    // Of the tabular values, which every learner reads.
    let offset = try #require(manifest.firstMatch(of: /"offsets": \[(\d+)/).flatMap { Int($0.1) })
    bytes[offset + 2] ^= 4
    try bytes.write(to: URL(fileURLWithPath: shard))
    let verified = try muster.run(["data", "verify", copy])
    #expect(verified.status == 65 && verified.error.contains("shard-0000.h5"))
    let plan = try muster.plan("flipped")
    let result = try muster.run(
      ["sweep", "run", edited(plan, muster.dataset, copy), "--workers", "1", "--set", "execution.retries=0"])
    #expect(result.status == 3, "\(result.error)")
    #expect(try plan.query("SELECT count(*) FROM result") == [[.integer(0)]])
    guard case .text(let message)? = try plan.query("SELECT message FROM attempt LIMIT 1").first?.first else {
      Issue.record("no attempt was recorded")
      return
    }
    #expect(message.contains("shard-0000.h5"))
  }

  @Test func takenPort_andForeignAddress_areRefused() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        #expect(bind(descriptor, generic, length) == 0 && listen(descriptor, 1) == 0)
        getsockname(descriptor, generic, &length)
      }
    }
    let plan = try muster.plan("port")
    let port = UInt16(bigEndian: address.sin_port)
    let taken = try muster.run(plan.runArguments + ["--bind", "tcp://127.0.0.1:\(port)"])
    #expect(taken.status == 75 && taken.error.contains("--bind"), "\(taken.error)")
    #expect(try muster.run(plan.runArguments + ["--bind", "tcp://0.0.0.0:0"]).status == 64)
  }

  /// In real life: a worker executable that this CPU or its libraries cannot run. Waiting would last for ever, for with no
  /// `--bind` no other worker can come. Method: a folder with `muster` and a `muster-worker` that ends at once.
  @Test func workersThatEndAtOnce_endTheSweep() throws {
    let folder = muster.folder + "/short-lived"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: muster.executables + "/muster", toPath: folder + "/muster")
    try Data("#!/bin/sh\nexit 9\n".utf8).write(to: URL(fileURLWithPath: folder + "/muster-worker"))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/muster-worker")
    let plan = try muster.plan("deserted")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: folder + "/muster")
    process.arguments = plan.runArguments
    let error = Pipe()
    process.standardError = error
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1 && text.contains("worker-0.log"), "\(text)")
    #expect(try plan.query("SELECT state FROM sweep") == [[.text("stopped")]])
  }

  @Test func trackerCommands_neverMakeAFile() throws {
    let path = muster.folder + "/typo.db"
    let result = try muster.run(["tracker", "best", "demo", "--tracker", path])
    #expect(result.status == 66 && result.error.contains("typo.db"))
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try muster.run(["tracker", "best", "demo"]).status == 64)
  }

  /// In real life: the file was edited after the first run. Its results must not be mixed.
  @Test func changedSweep_isRefused_andWritingSQLToo() throws {
    let plan = try muster.plan("changed")
    #expect(try muster.run(plan.runArguments).status == 0)
    let result = try muster.run(["sweep", "run", edited(plan, "folds: 3", "folds: 4"), "--workers", "1"])
    #expect(result.status == 65 && result.error.contains("rename the sweep"), "\(result.error)")
    let sql = try muster.run(["tracker", "sql", "DELETE FROM trial", "--tracker", plan.tracker])
    #expect(sql.status == 65)
    #expect(try muster.run(["tracker", "trials", "chnged", "--tracker", plan.tracker]).status == 4)
  }

  /// I19: no identifier of a patient reaches the tracker or a log. Method: every subject and admission number of the tables.
  @Test func identifiers_stayOutOfTrackerAndLogs() throws {
    let plan = try muster.plan("canary")
    #expect(try muster.run(plan.runArguments).status == 0)
    let run = URL(fileURLWithPath: plan.tracker).deletingLastPathComponent().path
    var text = String(decoding: try #require(FileManager.default.contents(atPath: plan.tracker)), as: UTF8.self)
    for log in ["worker-0.log", "worker-1.log"] {
      text += String(decoding: FileManager.default.contents(atPath: "\(run)/workers/\(log)") ?? Data(), as: UTF8.self)
    }
    // Synthetic admissions are numbered from 100000 on, stays from 200000.
    for number in [100_000, 100_016, 100_032, 200_000, 200_016] { #expect(!text.contains("\(number)")) }
  }

  /// The wall around patients' rows: the coordinator links nothing that could read one.
  @Test func coordinator_linksNoHDF5() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/ldd")
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
    let muster = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("muster").path
    process.arguments = [muster]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text.contains("libzmq") && !text.contains("hdf5") && !text.contains("openblas"))
  }

  private func copyOfTables(_ name: String) throws -> String {
    let copy = muster.folder + "/" + name
    try FileManager.default.copyItem(atPath: muster.tables, toPath: copy)
    return copy
  }

  private func prepare(_ folder: String) throws -> Installation.Output {
    try muster.run(["data", "prepare", "--mimic", folder, "--out", folder + "-out", "--outcome", "readmission_30d"])
  }
}
