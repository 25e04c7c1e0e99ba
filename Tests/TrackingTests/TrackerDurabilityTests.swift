// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Sweeps
import Testing
import Tracking

/// What a tracker owes its coordinator when a commit fails, a clock jumps or a disk has lied.
@Suite struct TrackerDurabilityTests {
  private func result(metric name: String) -> FoldResult {
    FoldResult(
      measurement: Measurement(
        metrics: [MetricValue(name: name, value: 0.5)], curve: [], bestStep: 1, trainRowCount: 8, validRowCount: 2,
        artifacts: []), cost: Cost(wallMilliseconds: 1, cpuMilliseconds: 1, residentBytesPeak: 1))
  }

  /// In real life: the disk is full for one commit, and the same commit is tried again. Row ids that were given out in the
  /// first try must not be believed in the second. Method: a commit with a new trial, worker and metric fails at its end.
  @Test func failedCommit_leavesNothingBehindInMemory() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 1).id
    let first = attempt(task(sweep, 0, 0), 1, 1)
    try store.commit(
      [
        trial(sweep, 0), .workerJoined(identity), .leaseGranted(first, to: worker),
        .resultAccepted(first, from: worker, result(metric: "valid/auroc")),
      ], at: 2)
    let other = Incarnation(high: 3, low: 4)
    let otherIdentity = WorkerIdentity(
      incarnation: other, name: "w1", host: "node", processID: 10, codeVersion: "test", machineType: "cpu")
    let second = attempt(task(sweep, 1, 0), 1, 2)
    let records: [TrackerRecord] = [
      .workerJoined(otherIdentity), trial(sweep, 1), .leaseGranted(second, to: other),
      .resultAccepted(second, from: other, result(metric: "valid/brier")),
    ]
    // A second result of the first task is what the schema refuses.
    let refused = TrackerRecord.resultAccepted(first, from: worker, result(metric: "valid/auroc"))
    #expect(throws: TrackerError.self) { try store.commit(records + [refused], at: 3) }
    // Rows that take the numbers the failed commit had given out.
    try store.commit([trial(sweep, 7)], at: 4)
    try store.commit(records, at: 5)
    let reader = try TrackerReader(path: fixture.path)
    #expect(
      try reader.sql("SELECT trial, metric FROM v_fold ORDER BY 1").rows == [
        [.integer(0), .text("valid/auroc")], [.integer(1), .text("valid/brier")],
      ])
    #expect(try reader.sql("SELECT worker FROM v_attempt WHERE trial = 1").rows == [[.text("w1")]])
  }

  /// I15, in real life: the wall clock is set back by a year between a lease and its end. Method: times that fall.
  @Test func fallingWallClock_givesNoNegativeDuration() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 9_000).id
    let (lost, done) = (attempt(task(sweep, 0, 0), 1, 1), attempt(task(sweep, 0, 1), 1, 2))
    try store.commit(
      [trial(sweep, 0), .workerJoined(identity), .leaseGranted(lost, to: worker), .leaseGranted(done, to: worker)],
      at: 8_000)
    try store.commit(
      [
        .leaseEnded(lost, .lost, message: ""), .resultAccepted(done, from: worker, result(metric: "valid/auroc")),
        .trialEnded(
          sweep, trial: 0,
          TrialEnd(state: .failed, objective: nil, objectiveSD: nil, interval: nil, foldsDone: 1)),
        .workerLeft(worker, reason: "bye"), .sweepChanged(sweep, .finished),
      ], at: 10)
    let reader = try TrackerReader(path: fixture.path)
    #expect(try reader.sql("SELECT seconds FROM v_attempt ORDER BY fold").rows == [[.real(0)], [.real(0)]])
    #expect(try reader.sql("SELECT finished_ms - created_ms FROM trial").rows == [[.integer(0)]])
    #expect(try reader.sql("SELECT finished_ms - created_ms FROM sweep").rows == [[.integer(0)]])
    #expect(try reader.sql("SELECT left_ms - joined_ms FROM worker").rows == [[.integer(0)]])
  }

  /// In real life: a coordinator was killed before its first commit. Its empty file is no damage.
  @Test func emptyFile_isATracker() throws {
    let fixture = try Fixture()
    try Data().write(to: URL(fileURLWithPath: fixture.path))
    #expect(try fixture.store().epoch == 1)
  }

  /// In real life: the disk failed between the two first commits of a new tracker. The next start must not take the file for
  /// another program's.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3"), "not run: no sqlite3 here"))
  func halfMadeFile_isATracker() throws {
    let fixture = try Fixture()
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    shell.arguments = [fixture.path, "CREATE TABLE grdb_migrations(identifier TEXT NOT NULL PRIMARY KEY)"]
    try shell.run()
    shell.waitUntilExit()
    #expect(try fixture.store().epoch == 1)
  }

  /// In real life: an analyst of the group reads, nobody else does: the log and its index are as private as the file.
  @Test func filesOfATracker_areNotForEveryone() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    for end in ["", "-wal", "-shm"] {
      let mode = try FileManager.default.attributesOfItem(atPath: fixture.path + end)[.posixPermissions] as? Int
      #expect(mode.map { $0 & 0o7 } == 0, "tracker.db\(end)")
    }
    try store.close()
  }

  /// In real life: the machine went down before the log was folded into the file, and the log's tail is torn. The start takes
  /// what is whole, and folds it.
  @Test func tornLog_isReadUpToItsLastWholeCommit() throws {
    let fixture = try Fixture()
    let copy = try Fixture()
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 1).id
    try store.commit((0..<20).map { trial(sweep, $0) }, at: 2)
    let whole = try #require(FileManager.default.contents(atPath: fixture.path + "-wal"))
    try store.commit((20..<40).map { trial(sweep, $0) }, at: 3)
    let longer = try #require(FileManager.default.contents(atPath: fixture.path + "-wal"))
    // The log may overwrite older frames: its last commit ends where the two differ last.
    let end = try #require((0..<longer.count).last { $0 >= whole.count || whole[$0] != longer[$0] })
    var torn = longer
    for place in (end - 60)...end { torn[place] = 0 }
    try FileManager.default.copyItem(atPath: fixture.path, toPath: copy.path)
    try torn.write(to: URL(fileURLWithPath: copy.path + "-wal"))
    let next = try copy.store()
    #expect(next.epoch == 2)
    #expect(try next.openSweep(registration(), at: 4).trials.count == 20)
  }

  /// Goal: a damaged tracker is refused with a message that names it, or opens; it never ends the process. (A bit of a value
  /// that SQLite does not check goes unseen: docs/Reliability.md says so.) Method: single bits turned all over the file.
  @Test func turnedBits_neverCrash() throws {
    let fixture = try Fixture()
    do {
      let store = try fixture.store()
      let sweep = try store.openSweep(registration(), at: 1).id
      try store.commit((0..<50).map { trial(sweep, $0) } + [.workerJoined(identity)], at: 2)
      try store.close()
    }
    let sound = try #require(FileManager.default.contents(atPath: fixture.path))
    var refused = 0
    for step in 0..<80 {
      let copy = try Fixture()
      var bytes = sound
      // A prime stride reaches headers, cell pointers and payloads of every page.
      let place = (step * 2_741 + 7) % bytes.count
      bytes[place] ^= 1 << UInt8(step % 8)
      try bytes.write(to: URL(fileURLWithPath: copy.path))
      do {
        let store = try copy.store()
        let opened = try store.openSweep(registration(), at: 3)
        #expect(opened.isNew || opened.trials.count <= 50)
      } catch let error as TrackerError {
        refused += 1
        #expect(error.description.contains(copy.path) && error.detail.count > 10, "\(error)")
      }
    }
    #expect(refused > 0)
  }

  /// I20, in real life: an analyst's notebook keeps a transaction open over the weekend. The coordinator says which process
  /// it is. When it ends, the log begins anew.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3"), "not run: no sqlite3 here"))
  func longReader_isNamed_andItsEndLetsTheLogShrink() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 1).id
    let reader = Process()
    reader.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    reader.arguments = ["file:\(fixture.path)?mode=ro"]
    let (orders, answers) = (Pipe(), Pipe())
    reader.standardInput = orders
    reader.standardOutput = answers
    try reader.run()
    try orders.fileHandleForWriting.write(contentsOf: Data("BEGIN; SELECT count(*) FROM trial;\n".utf8))
    #expect(answers.fileHandleForReading.availableData == Data("0\n".utf8))
    // Beyond what is folded at once without a reader.
    let limit: Int64 = 40 << 20
    let megabyte = String(repeating: "x", count: 1 << 20)
    for _ in 0..<100 where store.longLog(limit: limit) == nil {
      try store.commit([.sweepChanged(sweep, .running, reason: megabyte)], at: 2)
    }
    let long = try #require(store.longLog(limit: limit))
    #expect(long.readers == [reader.processIdentifier])
    #expect("\(long)".contains("process \(reader.processIdentifier)"))
    try orders.fileHandleForWriting.close()
    reader.waitUntilExit()
    #expect(store.longLog(limit: limit) == nil)
    // The first commit folds the log, the next begins it anew.
    try store.commit([trial(sweep, 0)], at: 3)
    let before = try FileManager.default.attributesOfItem(atPath: fixture.path + "-wal")[.size] as? Int ?? 0
    for more in 1..<5 { try store.commit([trial(sweep, more)], at: 3) }
    let after = try FileManager.default.attributesOfItem(atPath: fixture.path + "-wal")[.size] as? Int ?? 0
    #expect(after == before, "the log went on growing")
    try store.close()
  }
}
