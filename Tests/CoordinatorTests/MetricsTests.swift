// SPDX-License-Identifier: Apache-2.0

import Foundation
import PeerKit
import Reporting
import Scheduling
import Sockets
import Sweeps
import Testing
import TrackerKit
import Tracking

@testable import Coordinator
@testable import Dashboard

/// What Prometheus is told, and what it makes of it.
@Suite struct MetricsTests {
  private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private func run(_ arguments: [String], input: String = "", in folder: String = "/") throws -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.promtool))
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let (standardInput, output) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput, process.standardError) = (standardInput, output, output)
    try process.run()
    try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  private func trackerText(_ scratch: ScratchFolder) throws -> String {
    let path = scratch.path + "/tracker.db"
    try GeneratedTracker.fill(path, trials: 60, steps: 2)
    return try TrackerMetrics(TrackerReader(path: path), version: "test").text()
  }

  /// Of a coordinator whose disk is slow and who lost two workers.
  private func sessionText() -> String {
    let board = Locked("")
    var metrics = SessionMetrics(board: board)
    let attempt = TaskAttempt(
      task: TrialTask(sweep: SweepID(1), trial: 0, fold: 0, rung: 0), attempt: Attempt(epoch: 1, number: 1))
    metrics.heard()
    metrics.committed(3, milliseconds: 4)
    metrics.committed(2, milliseconds: 40_000)
    metrics.note(.leaseEnded(attempt, .lost, reason: "silence"))
    metrics.note(.leaseEnded(attempt, .lost, reason: "silence"))
    let machine = CoordinatorMachine(
      epoch: 1, settings: SchedulerSettings(), recovered: RecoveredSweep(), at: Tick(milliseconds: 0))
    metrics.publish(
      at: 0,
      SessionMetrics.State(
        counts: machine.counts, workers: machine.workerSnapshots, now: Tick(milliseconds: 0), isStalled: true,
        stalledMilliseconds: 1_500, malformedCount: 2, refusals: [("never \"reads\"", 4)]))
    return board.withLock { $0 }
  }

  @Test(.enabled(if: promtool != nil, "not run: needs promtool (Debian's prometheus)"))
  func metrics_pleasePromtool() throws {
    let scratch = try ScratchFolder()
    for text in [try trackerText(scratch), sessionText(), try trackerText(ScratchFolder()) + sessionText()] {
      let (status, words) = try run(["check", "metrics"], input: text)
      #expect(status == 0 && words.isEmpty, "\(words)\(text)")
    }
  }

  @Test(.enabled(if: promtool != nil, "not run: needs promtool (Debian's prometheus)"))
  func alerts_areRules_andSayWhatTheyShould() throws {
    let folder = PeerPython.repository.path + "/cluster/prometheus"
    let (status, words) = try run(["check", "rules", "alerts.yaml"], in: folder)
    #expect(status == 0, "\(words)")
    let (verdict, report) = try run(["test", "rules", "alerts-test.yaml"], in: folder)
    #expect(verdict == 0, "\(report)")
  }

  /// An alert on a name that nobody serves never fires.
  @Test func alerts_nameMetricsThatExist() throws {
    let served = try trackerText(ScratchFolder()) + sessionText()
    let alerts = try String(
      contentsOfFile: PeerPython.repository.path + "/cluster/prometheus/alerts.yaml", encoding: .utf8)
    let names = Set(alerts.matches(of: #/muster_[a-z_]+/#).map { String($0.output) })
    #expect(names.count > 8)
    for name in names {
      let family = name.hasSuffix("_bucket") ? String(name.dropLast(7)) : name
      #expect(served.contains("# TYPE \(family) "), "\(name)")
    }
  }

  @Test func numbers_areRight() throws {
    let text = try trackerText(ScratchFolder()) + sessionText()
    for line in [
      "muster_sweep_trials{sweep=\"readmission\",state=\"pruned\"} 13",
      "muster_commit_duration_seconds_bucket{le=\"0.005\"} 1",
      "muster_commit_duration_seconds_bucket{le=\"10\"} 1", "muster_commit_duration_seconds_bucket{le=\"+Inf\"} 2",
      "muster_commit_duration_seconds_sum 40.004", "muster_session_leases_ended_total{exit=\"lost\"} 2",
      "muster_session_refused_messages_total{reason=\"never \\\"reads\\\"\"} 4", "muster_tracker_stalled 1",
      "muster_coordinator_running 0", "muster_build_info{version=\"test\",schema=\"8\"} 1",
    ] { #expect(text.contains(line + "\n"), "\(line)") }
  }

  @Test(arguments: [
    ("127.0.0.1:9464", "127.0.0.1", 9_464), ("9464", "127.0.0.1", 9_464), ("[::1]:0", "::1", 0),
    ("node-7:80", "node-7", 80),
  ]) func httpAddress_isRead(text: String, host: String, port: Int) throws {
    let parts = try #require(MetricsOptions.parts(of: text))
    #expect(parts == (host, port))
  }

  @Test(arguments: ["", ":1", "a:", "a:b", "a:70000", "-1"]) func strangeAddress_isRefused(text: String) {
    #expect(MetricsOptions.parts(of: text) == nil)
  }

  /// A program's token passes, another's does not; without one only loopback's own names do.
  @Test func gate_takesBearerTokens() {
    let gate = Gate(token: "0123456789abcdef")
    let judge = { gate.judge(target: "/metrics", host: "node:1", cookies: nil, authorization: $0) }
    #expect(judge("Bearer 0123456789abcdef") == .pass)
    #expect(judge("bearer 0123456789abcdef") == .pass)
    #expect(judge("Bearer 0123456789abcdeX") == .refuse(status: 403, message: "the token is not this server's"))
    #expect(judge(nil) != .pass)
  }

  /// Each event a line that machines read, whatever is in its words.
  @Test func logLine_isOneLineOfJSON() throws {
    let line = LogLine.json(
      .warning, "two\nlines \"quoted\"",
      LogLine.Fields(event: "lease-lost", trial: 7, fold: 2, rung: 0, attempt: "1.9", worker: "w1"),
      at: 1_795_714_313_042)
    #expect(!line.contains("\n"))
    let read = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(read["time"] as? String == "2026-11-26T17:31:53.042Z" && read["level"] as? String == "warning")
    #expect(read["message"] as? String == "two\nlines \"quoted\"" && read["trial"] as? Int == 7)
    #expect(read["event"] as? String == "lease-lost" && read["worker"] as? String == "w1")
  }

  @Test func logFormat_isKnownBeforeArgumentsAreParsed() {
    #expect(LogFormat.given(in: ["muster", "sweep", "--log-format", "json"]) == .json)
    #expect(LogFormat.given(in: ["muster", "--log-format=json"]) == .json)
    #expect(LogFormat.given(in: ["muster", "--log-format"]) == .text)
  }
}
