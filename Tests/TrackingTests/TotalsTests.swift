// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Sweeps
import Testing
import TrackerKit

@testable import Tracking

/// Goal: `sweep_total`, which the writer keeps, is what its aggregates would say, after whatever has happened.
@Suite struct TotalsTests {
  /// Counted another way than the writer's own recount: joined and grouped.
  private static let counted = """
    SELECT s.sweep_id, count(DISTINCT t.trial_id), count(DISTINCT iif(t.state = 'completed', t.trial_id, NULL)),
      count(DISTINCT iif(t.state = 'pruned', t.trial_id, NULL)), count(DISTINCT iif(t.state = 'failed', t.trial_id, NULL)),
      count(DISTINCT iif(t.state = 'running', t.trial_id, NULL)), ifnull(f.folds, 0), ifnull(c.cpu, 0), f.last
    FROM sweep s LEFT JOIN trial t ON t.sweep_id = s.sweep_id AND t.deleted_ms IS NULL
      LEFT JOIN (SELECT x.sweep_id, count(*) AS folds, max(r.recorded_ms) AS last FROM result r
        JOIN trial x ON x.trial_id = r.trial_id WHERE x.deleted_ms IS NULL GROUP BY x.sweep_id) f ON f.sweep_id = s.sweep_id
      LEFT JOIN (SELECT x.sweep_id, sum(a.cpu_ms) AS cpu FROM attempt a
        JOIN trial x ON x.trial_id = a.trial_id WHERE x.deleted_ms IS NULL GROUP BY x.sweep_id) c ON c.sweep_id = s.sweep_id
    GROUP BY s.sweep_id
    """

  private func check(_ path: String, _ when: String) throws {
    let wrong = try SQLiteFile.integer(
      """
      SELECT (SELECT count(*) FROM (SELECT * FROM sweep_total EXCEPT \(Self.counted)))
        + (SELECT count(*) FROM (\(Self.counted) EXCEPT SELECT * FROM sweep_total))
      """, in: path)
    #expect(wrong == 0, "\(when)")
  }

  private func ended(_ sweep: SweepID, _ number: Int, _ state: TrialState) -> TrackerRecord {
    let isScored = state == .completed
    return .trialEnded(
      sweep, trial: number,
      TrialEnd(
        state: state, objective: isScored ? 0.5 : nil, objectiveSD: nil, interval: nil, foldsDone: isScored ? 2 : 1))
  }

  /// In real life: a sweep with a lost worker, a retried trial, a pruned one, a late result, and a coordinator that starts anew.
  @Test func totals_followEveryEvent() throws {
    let fixture = try Fixture()
    var store = Optional(try fixture.store())
    let sweep = try #require(store).openSweep(registration(), at: 1).id
    let other = try #require(store).openSweep(registration(name: "other"), at: 1).id
    func step(_ when: String, _ records: [TrackerRecord], at now: Int64) throws {
      try #require(store).commit(records, at: now)
      try check(fixture.path, when)
    }
    func lease(_ number: Int64, _ trial: Int, _ fold: Int, of sweep: SweepID) throws -> TaskAttempt {
      attempt(task(sweep, trial, fold), try #require(store).epoch, number)
    }
    func done(_ number: Int64, _ trial: Int, _ fold: Int, of sweep: SweepID) throws -> [TrackerRecord] {
      let attempt = try lease(number, trial, fold, of: sweep)
      return [.leaseGranted(attempt, to: worker), .resultAccepted(attempt, from: worker, result(auroc: 0.5))]
    }
    try check(fixture.path, "entered")
    try step("trials", [.workerJoined(identity)] + (0..<4).map { trial(sweep, $0) } + [trial(other, 0)], at: 10)
    let lost = try lease(1, 0, 0, of: sweep)
    try step("leased and lost", [.leaseGranted(lost, to: worker), .leaseEnded(lost, .lost, message: "silent")], at: 11)
    try step("two sweeps at once", try done(2, 0, 0, of: sweep) + done(3, 0, 0, of: other), at: 12)
    try step("completed", try done(4, 0, 1, of: sweep) + [ended(sweep, 0, .completed)], at: 13)
    try step("pruned", try done(5, 1, 0, of: sweep) + [ended(sweep, 1, .pruned)], at: 14)
    try step("a result after the end", try done(6, 1, 1, of: sweep), at: 15)
    try step(
      "failed", [.taskQuarantined(task(sweep, 2, 0), reason: "poison"), ended(sweep, 2, .failed)], at: 16)
    try step("tried again", try done(7, 2, 0, of: sweep) + [ended(sweep, 2, .completed)], at: 9)
    #expect(throws: TrackerError.self) {
      try #require(store).commit(try done(8, 3, 0, of: sweep) + done(9, 0, 0, of: sweep), at: 18)
    }
    try check(fixture.path, "a commit that was refused")
    try store?.close()
    store = nil
    store = try fixture.store()
    _ = try #require(store).openSweep(registration(), at: 19)
    try step("after a restart", try done(1, 3, 0, of: sweep) + [ended(sweep, 3, .pruned)], at: 20)
    let deleted = TrackedThing(sweep: "demo", trial: 1)
    try #require(store).delete(deleted, by: "ada", at: 21)
    try check(fixture.path, "a deleted trial")
    try step("a result of a deleted trial", try done(2, 1, 2, of: sweep) + [ended(sweep, 1, .completed)], at: 22)
    try #require(store).undelete(deleted, by: "ada", at: 23)
    try check(fixture.path, "an undeleted trial")
    try step("a result after that", try done(3, 1, 3, of: sweep), at: 24)
    try store?.close()
    let counts = try SQLiteFile.integer(
      "SELECT trials * 10000 + completed * 1000 + pruned * 100 + failed * 10 + running FROM sweep_total WHERE sweep_id = 1",
      in: fixture.path)
    #expect(counts == 43_100)
    #expect(try SQLiteFile.integer("SELECT folds FROM sweep_total WHERE sweep_id = 1", in: fixture.path) == 8)
  }

  @Test func totals_followDeletionAndVacuum() throws {
    let fixture = try Fixture()
    try GeneratedTracker.fill(fixture.path, trials: 60, steps: 2)
    try check(fixture.path, "generated")
    let store = try fixture.store()
    let (sweep, trial) = (TrackedThing(sweep: "readmission", trial: nil), TrackedThing(sweep: "readmission", trial: 3))
    for (when, body) in [
      ("a trial", { try store.delete(trial, by: "ada", at: 5) }),
      ("the sweep", { try store.delete(sweep, by: "ada", at: 6) }),
      ("the sweep is back", { try store.undelete(sweep, by: "ada", at: 7) }),
      ("a trial for good", { try store.vacuum(by: "ada", at: 8) }),
      ("the sweep again", { try store.delete(sweep, by: "ada", at: 9) }),
      ("the sweep for good", { try store.vacuum(by: "ada", at: 10) }),
    ] as [(String, () throws -> DeletionCount)] {
      _ = try body()
      try check(fixture.path, when)
    }
    try store.close()
    #expect(try SQLiteFile.integer("SELECT count(*) FROM sweep_total", in: fixture.path) == 1)
    #expect(try SQLiteFile.integer("SELECT count(*) FROM pragma_foreign_key_check", in: fixture.path) == 0)
  }

  @Test func totals_areThere_ofWhatIsImported() throws {
    let (fixture, here) = (try Fixture(), try Fixture())
    try GeneratedTracker.fill(fixture.path, trials: 60, steps: 2)
    let reader = try TrackerReader(path: fixture.path)
    let (optuna, mlflow) = (here.folder + "/optuna.db", here.folder + "/mlflow.db")
    try reader.exportOptuna(reader.sweep(named: "readmission"), to: optuna)
    try reader.exportMLflow(reader.sweep(named: "readmission"), to: mlflow)
    let store = try here.store()
    _ = try store.importOptuna(optuna, ImportChoice(name: "from-optuna"), at: 5)
    try check(here.path, "optuna")
    _ = try store.importMLflow(mlflow, ImportChoice(name: "from-mlflow"), at: 6)
    try check(here.path, "mlflow")
    _ = try store.importTracker(fixture.path, ImportChoice(there: "readmission", name: "from-muster"), at: 7)
    try check(here.path, "another tracker")
    try store.close()
    #expect(try SQLiteFile.integer("SELECT min(folds) FROM sweep_total WHERE trials = 54", in: here.path) ?? 0 > 100)
  }

  /// In real life: last year's sweep is opened by this year's muster.
  @Test(arguments: 1...7) func totals_areThere_afterAMigration(schema: Int) throws {
    let fixture = try Fixture()
    try MigrationTests().tracker(schema: schema, in: fixture)
    try fixture.store().close()
    try check(fixture.path, "schema \(schema)")
    #expect(try SQLiteFile.integer("SELECT max(folds) FROM sweep_total", in: fixture.path) ?? 0 > 0)
  }
}
