// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps
import Testing
import Tracking

@Suite struct TrackerReaderTests {
  private func filled(_ fixture: Fixture) throws -> (TrackerStore, SweepID) {
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 1).id
    var records: [TrackerRecord] = [.workerJoined(identity)]
    var number: Int64 = 0
    for (index, values) in [[0.7, 0.8], [0.9, 0.7], [.nan, 0.5]].enumerated() {
      records.append(trial(sweep, index))
      for (fold, value) in values.enumerated() {
        number += 1
        records.append(.leaseGranted(attempt(task(sweep, index, fold), 1, number), to: worker))
        records.append(
          .resultAccepted(attempt(task(sweep, index, fold), 1, number), from: worker, result(auroc: value)))
      }
      let mean = (values[0] + values[1]) / 2
      records.append(
        .trialEnded(
          sweep, trial: index,
          TrialEnd(
            state: .completed, objective: mean.isFinite ? mean : nil, objectiveSD: nil, interval: nil, foldsDone: 2)))
    }
    try store.commit(records, at: 2)
    return (store, sweep)
  }

  @Test func leaderboard_ranksAndPutsTheUndefinedLast() throws {
    let fixture = try Fixture()
    let (store, _) = try filled(fixture)
    let reader = try TrackerReader(path: fixture.path)
    let sweep = try reader.sweep(named: "demo")
    #expect(sweep.trialCount == 3 && sweep.foldsRecorded == 6 && sweep.foldCount == 5)
    let board = try reader.leaderboard(of: sweep)
    #expect(board.map(\.number) == [1, 0, 2])
    let best = try #require(board[0].score("valid/auroc"))
    #expect(abs((best.mean ?? 0) - 0.8) < 1e-12 && abs((best.sd ?? 0) - 0.02.squareRoot()) < 1e-12)
    #expect(board[0].score("valid/ece")?.mean == nil)
    #expect(
      try reader.sql("SELECT rank, trial FROM v_leaderboard ORDER BY rank").rows == [
        [.integer(1), .integer(1)], [.integer(2), .integer(0)], [.integer(3), .integer(2)],
      ])
    try store.close()
  }

  /// Fact 6: a reader must work beside the writer, after its clean stop and after its death.
  @Test func reader_worksDuringAndAfter() throws {
    let fixture = try Fixture()
    let (store, _) = try filled(fixture)
    #expect(try TrackerReader(path: fixture.path).sweeps().count == 1)
    // The writer's death: its files as they lie, copied away.
    let copy = try Fixture()
    for end in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: fixture.path + end) {
      try FileManager.default.copyItem(atPath: fixture.path + end, toPath: copy.path + end)
    }
    #expect(try TrackerReader(path: copy.path).sweeps().count == 1)
    try store.close()
    #expect(try TrackerReader(path: fixture.path).sweeps().count == 1)
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3"), "not run: no sqlite3 here"))
  func sqlite3_readsDuringAndAfter() throws {
    let fixture = try Fixture()
    let (store, _) = try filled(fixture)
    #expect(try shell(fixture.path) == "3\n")
    try store.close()
    #expect(try shell(fixture.path) == "3\n")
  }

  private func shell(_ path: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    process.arguments = ["file:\(path)?mode=ro", "SELECT count(*) FROM v_leaderboard"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    process.waitUntilExit()
    return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  }

  @Test func missingFile_isNotCreated() throws {
    let fixture = try Fixture()
    #expect { try TrackerReader(path: fixture.path) } throws: { ($0 as? TrackerError)?.code == .missing }
    #expect(!FileManager.default.fileExists(atPath: fixture.path))
  }

  @Test func unknownSweep_listsThoseThereAre() throws {
    let fixture = try Fixture()
    let (store, _) = try filled(fixture)
    let reader = try TrackerReader(path: fixture.path)
    #expect { try reader.sweep(named: "dmeo") } throws: { "\($0)".contains("it has demo") }
    try store.close()
  }

  @Test(arguments: [
    "DELETE FROM trial", "ATTACH 'x' AS y", "PRAGMA journal_mode = DELETE", "SELECT 1; DELETE FROM trial", "",
    "DROP VIEW v_fold",
    "WITH x AS (SELECT 1) DELETE FROM trial", "-- SELECT\nDELETE FROM trial", "-- SELECT 1",
  ])
  func sql_refusesWhatIsNoQuery(text: String) throws {
    let fixture = try Fixture()
    let (store, _) = try filled(fixture)
    let reader = try TrackerReader(path: fixture.path)
    #expect(throws: TrackerError.self) { try reader.sql(text) }
    #expect(try reader.sql("SELECT count(*) AS n FROM trial").rows == [[.integer(3)]])
    try store.close()
  }

  /// Goal: the text that two runs are compared by moves with every bit. Method: one metric one ulp higher.
  @Test func resultLines_moveWithEveryBit() throws {
    var texts: [[String]] = []
    for value in [0.75, 0.75.nextUp, 0.75] {
      let fixture = try Fixture()
      let store = try fixture.store()
      let sweep = try store.openSweep(registration(), at: 1).id
      try store.commit(
        [
          .workerJoined(identity), trial(sweep, 0), .leaseGranted(attempt(task(sweep, 0, 0), 1, 1), to: worker),
          .resultAccepted(attempt(task(sweep, 0, 0), 1, 1), from: worker, result(auroc: value)),
        ], at: Int64(texts.count))
      let reader = try TrackerReader(path: fixture.path)
      texts.append(try reader.resultLines(of: reader.sweep(named: "demo")))
      try store.close()
    }
    #expect(texts[0] == texts[2] && texts[0] != texts[1])
  }
}
