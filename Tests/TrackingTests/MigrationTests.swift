// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Sweeps
import Testing

@testable import Tracking

/// Forward-only migrations: a tracker of every schema that was ever released opens, with what it holds.
@Suite struct MigrationTests {
  /// A tracker as the muster of that schema left it, from `Schemas/schema-N.sql` (the demo sweep, three of its trials).
  func tracker(schema: Int, in fixture: Fixture) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Schemas")
    let sql = try String(contentsOf: folder.appendingPathComponent("schema-\(schema).sql"), encoding: .utf8)
    let queue = try DatabaseQueue(path: fixture.path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }

  private static let released = [
    "v_sweep", "v_leaderboard", "v_fold", "v_metric", "v_curve", "v_worker",
    "(SELECT sweep, trial, fold, state, worker, wall_ms, cpu_ms FROM v_attempt)",
  ]

  /// In real life: a sweep of last month is gone on with by this month's muster.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7]) func oldTracker_isTakenForward_withAllItSaid(schema: Int) throws {
    let fixture = try Fixture()
    try tracker(schema: schema, in: fixture)
    // As sets: a view has no order of its own.
    func said(_ path: String) throws -> [Set<[SQLTable.Value]>] {
      let reader = try TrackerReader(path: path)
      return try Self.released.map { Set(try reader.sql("SELECT * FROM \($0)").rows) }
    }
    let before = try said(fixture.path)
    #expect(before.allSatisfy { !$0.isEmpty })
    try fixture.store().close()
    #expect(try said(fixture.path) == before)
    let reader = try TrackerReader(path: fixture.path)
    #expect(reader.schemaVersion == Schema.version)
    #expect(try reader.sql("SELECT count(*) FROM pragma_foreign_key_check").rows == [[.integer(0)]])
    // Nothing of today's views is missing, whatever migration they were made by.
    let today = try Fixture()
    try today.store().close()
    let columns = "SELECT v.name, c.name FROM sqlite_schema v, pragma_table_info(v.name) c WHERE v.type = 'view'"
    let found = Set(try reader.sql(columns).rows)
    #expect(try found == Set(TrackerReader(path: today.path).sql(columns).rows))
    let averages = "SELECT trial_id, metric, folds, mean, sd FROM"
    #expect(
      try reader.sql("\(averages) v_metric ORDER BY 1, 2").rows
        == reader.sql("\(averages) trial_metrics ORDER BY 1, 2").rows)

    let copy = try TrackerReader(path: Schema.backupPath(of: fixture.path, schema: Int32(schema)))
    #expect(copy.schemaVersion == Int32(schema))
    #expect(try said(copy.path) == before)
  }

  @Test func newAndCurrentTrackers_areNotCopied() throws {
    let fixture = try Fixture()
    try fixture.store().close()
    try fixture.store().close()
    let files = try FileManager.default.contentsOfDirectory(atPath: fixture.folder)
    #expect(files.filter { $0.contains("backup") || $0.contains("part") } == [])
  }

  /// In real life: the machine lost its power between the copy and the migration.
  @Test func copyOfAnEarlierStart_isMadeAnew() throws {
    let fixture = try Fixture()
    try tracker(schema: 2, in: fixture)
    let backup = Schema.backupPath(of: fixture.path, schema: 2)
    for left in [backup, backup + ".part"] { try Data("torn".utf8).write(to: URL(fileURLWithPath: left)) }
    try fixture.store().close()
    #expect(try TrackerReader(path: backup).schemaVersion == 2)
    #expect(!FileManager.default.fileExists(atPath: backup + ".part"))
  }

  /// What a checkpoint saved is on record.
  @Test func resumedStep_isRecorded() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 2_000).id
    let attempt = attempt(task(sweep, 0, 0), store.epoch, 1)
    let measured = result(auroc: 0.7)
    let resumed = FoldResult(
      measurement: measured.measurement,
      cost: Cost(wallMilliseconds: 1, cpuMilliseconds: 1, residentBytesPeak: 1, resumedStep: 40))
    try store.commit(
      [
        .workerJoined(identity), trial(sweep, 0), .leaseGranted(attempt, to: worker),
        .resultAccepted(attempt, from: worker, resumed),
      ], at: 3_000)
    try store.close()
    let rows = try TrackerReader(path: fixture.path).sql("SELECT resumed_step FROM v_attempt").rows
    #expect(rows == [[.integer(40)]])
  }

  /// `trial_metric` is what `v_metric` would compute, in whatever order folds and the trial's end come.
  @Test func trialMetrics_followTheFolds_lateOnesToo() throws {
    let fixture = try Fixture()
    var store = Optional(try fixture.store())
    let sweep = try #require(store).openSweep(registration(), at: 1).id
    let epoch = try #require(store).epoch
    func recorded(_ fold: Int, _ auroc: Double) -> [TrackerRecord] {
      let attempt = attempt(task(sweep, 0, fold), epoch, Int64(fold + 1))
      return [.leaseGranted(attempt, to: worker), .resultAccepted(attempt, from: worker, result(auroc: auroc))]
    }
    func metrics() throws -> [[SQLTable.Value]] {
      let reader = try TrackerReader(path: fixture.path)
      let found = try reader.sql("SELECT trial_id, metric, folds, mean, sd FROM trial_metrics ORDER BY metric").rows
      guard !found.isEmpty else { return [] }
      #expect(try reader.sql("SELECT trial_id, metric, folds, mean, sd FROM v_metric ORDER BY metric").rows == found)
      return found
    }
    try store?.commit([.workerJoined(identity), trial(sweep, 0)] + recorded(1, 0.75) + recorded(0, 0.25), at: 2)
    #expect(try metrics() == [])
    let end = TrialEnd(state: .failed, objective: nil, objectiveSD: nil, interval: nil, foldsDone: 2)
    try store?.commit([.trialEnded(sweep, trial: 0, end)], at: 3)
    #expect(try metrics().first?.prefix(4) == [.integer(1), .text("valid/auroc"), .integer(2), .real(0.5)])
    try store?.commit(recorded(2, 0.125), at: 4)
    #expect(try metrics().first?.prefix(4) == [.integer(1), .text("valid/auroc"), .integer(3), .real(0.375)])
    try store?.close()
    store = nil
    store = try fixture.store()
    try store?.commit(recorded(3, 0.625), at: 5)
    #expect(try metrics().first?.prefix(4) == [.integer(1), .text("valid/auroc"), .integer(4), .real(0.4375)])
    try store?.close()
  }
}
