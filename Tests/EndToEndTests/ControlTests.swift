// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

extension SweepTests {
  /// Trials added, stopped and retried by the executables, on a live coordinator and between starts.
  @Suite(.serialized) struct ControlTests {
    let muster: Installation

    init() throws { muster = try Installation.shared.get() }

    private func wait(until condition: () -> Bool) -> Bool {
      for _ in 0..<600 {
        if condition() { return true }
        Thread.sleep(forTimeInterval: 0.05)
      }
      return false
    }

    private func count(_ plan: Installation.Plan, _ sql: String) -> Int {
      guard let rows = try? plan.query(sql), case .integer(let count)? = rows.first?.first else { return 0 }
      return Int(count)
    }

    /// In real life: a search runs, somebody has an idea, thinks better of another trial, and goes home.
    @Test func running_takesTrials_stopsOne_andStops() throws {
      // Long enough on any machine for four commands to be heard, one after the other.
      let plan = try muster.plan("controlled", trees: 10_000)
      let (process, output, error) = try muster.start(plan.runArguments)
      // All six of the grid are there, and the last one waits: what is added is the seventh.
      #expect(wait { count(plan, "SELECT count(*) FROM trial") == 6 })
      let added = try muster.run(["sweep", "enqueue", plan.file, "model=linear", "l2=0.5"])
      #expect(added.status == 0 && added.output.contains("is handed to the running coordinator"), "\(added.error)")
      #expect(wait { count(plan, "SELECT count(*) FROM request WHERE effect = 'trial-added'") == 1 })
      // The last trial of the grid has not begun.
      let stopped = try muster.run(["sweep", "stop", plan.file, "--trial", "5"])
      #expect(stopped.status == 0, "\(stopped.error)")
      #expect(wait { count(plan, "SELECT count(*) FROM request WHERE effect = 'trial-stopped'") == 1 })
      let end = try muster.run(["sweep", "stop", plan.file])
      #expect(end.status == 0, "\(end.error)")
      _ = output.fileHandleForReading.readDataToEndOfFile()
      let said = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 130 && said.contains("by request: #6 linear was added"), "\(said)")
      #expect(try plan.query("SELECT state FROM sweep") == [[.text("stopped")]])

      let nothing = try muster.run(["sweep", "stop", plan.file])
      #expect(nothing.status == 4 && nothing.error.contains("nothing to stop"), "\(nothing.error)")
      let later = try muster.run(["sweep", "enqueue", plan.file, "--like", "6", "l2=0.25"])
      #expect(later.status == 0 && later.output.contains("for the next muster sweep run"), "\(later.error)")
      let last = try muster.run(plan.runArguments)
      #expect(last.status == 0, "\(last.error)")
      let ends = try plan.query("SELECT number, state, folds_done FROM trial WHERE number >= 5 ORDER BY number")
      #expect(
        ends.map { $0.prefix(2) } == [
          [.integer(5), .text("pruned")], [.integer(6), .text("completed")], [.integer(7), .text("completed")],
        ])
      #expect(count(plan, "SELECT count(*) FROM trial WHERE state = 'completed'") == 7)
      #expect(count(plan, "SELECT count(*) FROM request WHERE effect = 'refused'") == 0)
      let again = try muster.run(plan.runArguments)
      #expect(again.status == 0 && again.error.contains("finished before"), "\(again.error)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: plan.tracker + ".requests") == [])
    }

    @Test func strangeRequests_sayWhatIsWrong() throws {
      let plan = try muster.plan("strange-requests")
      let early = try muster.run(["sweep", "enqueue", plan.file, "model=linear"])
      #expect(early.status == 66, "\(early.error)")
      #expect(try muster.run(plan.runArguments).status == 0)
      for (arguments, status, words) in [
        (["enqueue", plan.file, "model=linear", "leaves=3"], 65 as Int32, "unknown key `leaves`"),
        (["enqueue", plan.file, "model=booster", "leaves=1"], 65, "expected an integer in 2...65536"),
        (["enqueue", plan.file, "leaves"], 64, "expected key=value"),
        (["enqueue", plan.file], 64, "expected parameters"),
        (["enqueue", plan.file, "--like", "99"], 4, "has no trial #99; it has 6"),
        (["stop", plan.file, "--trial", "0"], 4, "has ended: completed"), (["retry", plan.file], 4, "no trial of"),
        (["retry", plan.file, "--trial", "0"], 4, "has not failed: completed"),
      ] {
        let answer = try muster.run(["sweep"] + arguments)
        #expect(
          answer.status == status && answer.error.contains(words), "\(arguments): \(answer.status) \(answer.error)")
      }
      #expect(!FileManager.default.fileExists(atPath: plan.tracker + ".requests"))
    }
  }
}
