// SPDX-License-Identifier: Apache-2.0

import GRDB
import Sweeps
import Testing

@testable import Tracking

/// Forward-only migrations: a tracker of every schema that was ever released opens, with what it holds.
@Suite struct MigrationTests {
  /// In real life: a sweep of last month is gone on with by this month's muster.
  @Test func schema1_isTakenForward_withItsRows() throws {
    let fixture = try Fixture()
    do {
      let queue = try DatabaseQueue(path: fixture.path)
      try Schema.migrator.migrate(queue, upTo: "1")
      try queue.write { database in
        #expect(try Int32.fetchOne(database, sql: "PRAGMA user_version") == 1)
        try database.execute(
          sql: """
            INSERT INTO worker(incarnation, name, host, pid, code_version, machine, joined_ms)
            VALUES('0', 'old', 'node', 1, 'v1', 'cpu', 5)
            """)
      }
      try queue.close()
    }
    let store = try fixture.store()
    try store.close()
    let reader = try TrackerReader(path: fixture.path)
    #expect(try reader.sql("SELECT name FROM v_worker").rows == [[.text("old")]])
    #expect(try reader.sql("SELECT count(*) FROM v_attempt WHERE resumed_step > 0").rows == [[.integer(0)]])
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
}
