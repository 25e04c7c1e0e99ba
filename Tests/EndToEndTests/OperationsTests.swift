// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// What whoever keeps sweeps running does: look, be told, take out, bring in.
@Suite(.serialized) struct OperationsTests {
  private let installation: Installation
  init() throws { installation = try Installation.shared.get() }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text.prefix(300))")
  }

  private func findings(_ arguments: [String]) throws -> (status: Int32, [[String: Any]]) {
    let run = try installation.run(["doctor", "--json"] + arguments)
    return (run.status, try #require(try json(run.output)["findings"] as? [[String: Any]]))
  }

  /// In real life: before the first sweep on a new machine; then with a key that others can read, and a coordinator that is
  /// not there.
  @Test func doctor_findsWhatIsWrong_withAFix() throws {
    let plan = try installation.plan("doctor")
    let (status, sound) = try findings(["--sweep", plan.file])
    #expect(status == 0, "\(sound)")
    for subject in [
      "muster", "muster-worker", "libzmq", "SQLite", "HDF5", "OpenBLAS", "CPU", "data set", "time of day",
    ] {
      #expect(sound.contains { $0["subject"] as? String == subject }, "\(subject)")
    }
    let keys = installation.folder + "/doctor-keys"
    #expect(try installation.run(["keys", "new", "coordinator", "--keys", keys]).status == 0)
    #expect(try installation.run(["keys", "new", "node", "--keys", keys, "--expires", "2d"]).status == 0)
    chmod(keys + "/node.key", 0o644)
    let (bad, found) = try findings([
      "--sweep", "/no/such.yaml", "--keys", keys, "--coordinator", "tcp://127.0.0.1:1", "--tracker", "/proc/tracker.db",
    ])
    #expect(bad == 5)
    let wrong = found.filter { $0["standing"] as? String == "wrong" }.compactMap { $0["subject"] as? String }
    #expect(
      wrong.contains("/no/such.yaml") && wrong.contains("node.key") && wrong.contains("tcp://127.0.0.1:1"), "\(wrong)")
    #expect(found.contains { $0["subject"] as? String == "expiry" && $0["standing"] as? String == "warning" })
    #expect(found.filter { $0["standing"] as? String == "wrong" }.allSatisfy { $0["fix"] is String })
    let words = try installation.run(["doctor", "--coordinator", "tcp://127.0.0.1:1"])
    #expect(words.status == 5 && words.output.contains("→ is muster sweep run --bind tcp://127.0.0.1:1 there"))
  }

  /// In real life: Prometheus scrapes a sweep while it runs, and each line of its log is read by a machine.
  @Test func runningSweep_servesMetrics_andLogsJSON() throws {
    // Long enough that it still runs a second after its first trial, also on a fast machine.
    let plan = try installation.plan("watched", trees: 2_000)
    let (process, _, error) = try installation.start(
      ["sweep", "run", plan.file, "--workers", "1", "--http", "127.0.0.1:0", "--log-format", "json"])
    defer { if process.isRunning { process.terminate() } }
    var (lines, metrics) = ([[String: Any]](), "")
    var rest = Data()
    while true {
      let piece = error.fileHandleForReading.availableData
      if piece.isEmpty { break }
      rest.append(piece)
      while let end = rest.firstIndex(of: 0x0A) {
        let line = try json(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
        rest = rest[rest.index(after: end)...]
        lines.append(line)
        guard line["event"] as? String == "trial-completed", metrics.isEmpty else { continue }
        let said = lines.compactMap { $0["message"] as? String }.first { $0.contains("/metrics") } ?? ""
        let address = try #require(said.split(separator: " ").first { $0.hasPrefix("http://") })
        // The session writes its text once a second.
        Thread.sleep(forTimeInterval: 1.2)
        if let url = URL(string: address + "metrics"), let data = try? Data(contentsOf: url) {
          metrics = String(decoding: data, as: UTF8.self)
        }
      }
    }
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(lines.allSatisfy { $0["time"] is String && $0["level"] is String && $0["message"] is String })
    #expect(lines.contains { $0["event"] as? String == "worker-joined" && $0["worker"] as? String == "w0" })
    for name in [
      "muster_coordinator_running 1", "muster_session_workers{state=", "muster_commit_duration_seconds_count",
      "muster_sweep_results_total{sweep=\"watched\"}",
    ] { #expect(metrics.contains(name), "\(name): \(metrics.prefix(200))") }
    let log = try String(contentsOfFile: installation.folder + "/watched/workers/worker-0.log", encoding: .utf8)
    for line in log.split(separator: "\n") { #expect(try json(String(line))["level"] is String, "\(line)") }
  }

  /// In real life: a botched sweep is taken out, missed, brought back, and at last gone for good; then another node's comes in.
  @Test func sweep_isDeleted_broughtBack_vacuumed_andImported() throws {
    let plan = try installation.plan("taken-out", trees: 5)
    #expect(try installation.run(["sweep", "run", plan.file, "--workers", "1", "--quiet"]).status == 0)
    func muster(_ words: [String]) throws -> Installation.Output {
      try installation.run(["tracker"] + words + ["--tracker", plan.tracker])
    }
    let before = try plan.results()
    #expect(try plan.query("SELECT count(*) FROM score_bins WHERE n_rows < 11") == [[.integer(0)]])
    #expect(try plan.query("SELECT count(*) > 100 FROM dataset_columns") == [[.integer(1)]])
    #expect(try muster(["delete", "taken-out"]).status == 64)
    #expect(try muster(["delete", "taken-out", "--yes"]).status == 0)
    #expect(try muster(["best", "taken-out"]).status == 4)
    #expect(try muster(["undelete"]).output.contains("taken-out"))
    let refused = try installation.run(plan.runArguments)
    #expect(refused.status == 65 && refused.error.contains("muster tracker undelete taken-out"), "\(refused.error)")
    #expect(try muster(["undelete", "taken-out"]).status == 0)
    #expect(try plan.results() == before)
    let copy = installation.folder + "/taken-out-copy.db"
    #expect(try muster(["backup", copy]).status == 0)
    #expect(try muster(["delete", "taken-out", "--yes"]).status == 0)
    #expect(try muster(["vacuum", "--yes"]).status == 0)
    #expect(try plan.query("SELECT count(*) FROM main.trial") == [[.integer(0)]])
    #expect(try muster(["import", copy, "--from", "muster"]).status == 0)
    #expect(try plan.results() == before)
    // The same question: nothing is left to run.
    let again = try installation.run(plan.runArguments)
    #expect(again.status == 0 && again.error.contains("had finished before"), "\(again.error)")
    let parquet = installation.folder + "/taken-out-rows"
    #expect(try muster(["export", "taken-out", parquet, "--to", "parquet"]).status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: parquet).count > 8)
  }
}
