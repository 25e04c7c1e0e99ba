// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing
import Tracking

extension LiveTests {
  @Suite struct BackupTests {
    /// In real life: a nightly copy is taken while the sweep runs; the disk dies, the copy is put in the tracker's place, and
    /// the sweep goes on to the table that it would have had.
    @Test func backupUnderLoad_isPutBack_andTheTableIsTheSame() throws {
      let sweep = try LiveSweep("backup", .slow)
      try sweep.startCoordinator()
      for slot in 0..<2 { try sweep.startWorker(slot) }
      var copies: [(path: String, results: Int)] = []
      wait(60) {
        guard sweep.coordinator?.isRunning == true, sweep.recordedCount < 16 else { return true }
        guard sweep.recordedCount > 0 else { return false }
        let path = "\(sweep.logs)/copy-\(copies.count).db"
        let before = sweep.recordedCount
        guard let made = try? sweep.installation.run(["tracker", "backup", path, "--tracker", sweep.plan.tracker]),
          made.status == 0, let copy = try? TrackerReader(path: path),
          let row = try? copy.sql("SELECT count(*), (SELECT * FROM pragma_quick_check(1)) FROM result").rows.first
        else {
          Issue.record("copy \(copies.count) was not made, or cannot be read")
          return true
        }
        let results = row[0].integer ?? -1
        // Of one moment within the call, and sound.
        #expect(row[1] == .text("ok") && results >= before && results <= sweep.recordedCount)
        copies.append((path, results))
        return false
      }
      // One from the middle of it.
      let chosen = try #require(copies.first { $0.results >= 4 }, "\(copies.map(\.results))")
      #expect(sweep.recordedCount > chosen.results && sweep.recordedCount < sweep.taskCount)
      sweep.kill(sweep.coordinator, "coordinator; its disk is lost")
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: sweep.plan.tracker + end) }
      try FileManager.default.copyItem(atPath: chosen.path, toPath: sweep.plan.tracker)
      try sweep.startCoordinator()
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(sweep.recordedCount == sweep.taskCount)
      #expect(try sweep.plan.results() == sweep.undisturbedLines())
      #expect(try sweep.count("SELECT count(*) FROM event WHERE kind = 'nondeterminism'") == 0)
    }
  }
}
