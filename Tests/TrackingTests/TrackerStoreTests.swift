// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Sweeps
import Testing
import Tracking

@Suite struct TrackerStoreTests {
  /// In real life: a killed sweep of LSTMs is started again, and its trials must be the recorded ones. Goal: every kind of
  /// parameter comes back as it was, flags too, which SQLite keeps as 0 and 1.
  @Test func parameters_comeBackAsTheyWere() throws {
    let fixture = try Fixture()
    let parameters: Parameters = [
      "a": .integer(1), "b": .real(1), "c": .text("1"), "d": .flag(true), "e": .flag(false), "f.g": .integer(0),
    ]
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 5).id
    let record = TrialRecord(sweep: sweep, number: 0, learner: .lstm, parameters: parameters)
    try store.commit([.trialAdded(record)], at: 6)
    #expect(try store.openSweep(registration(), at: 7).trials.map(\.record) == [record])
  }

  /// In real life: a coordinator is killed with one fold recorded, one failed, one running and one quarantined. The next
  /// start knows exactly that.
  @Test func reopened_knowsWhatWasCommitted() throws {
    let fixture = try Fixture()
    var sweep = SweepID(0)
    do {
      let store = try fixture.store()
      #expect(store.epoch == 1)
      let opened = try store.openSweep(registration(), at: 5)
      #expect(opened.isNew && opened.trials.isEmpty)
      sweep = opened.id
      let predictions = ArtifactReference(
        kind: .predictions, digest: ContentDigest(bytes: [UInt8](repeating: 1, count: 32)), byteCount: 12)
      try store.commit(
        [
          .workerJoined(identity), trial(sweep, 0), .leaseGranted(attempt(task(sweep, 0, 0), 1, 1), to: worker),
          .leaseGranted(attempt(task(sweep, 0, 1), 1, 2), to: worker),
          .leaseGranted(attempt(task(sweep, 0, 2), 1, 3), to: worker),
          .leaseGranted(attempt(task(sweep, 0, 3), 1, 4), to: worker),
          .resultAccepted(attempt(task(sweep, 0, 0), 1, 1), from: worker, result(auroc: 0.8, artifacts: [predictions])),
          .leaseEnded(attempt(task(sweep, 0, 1), 1, 2), .failed, message: "no memory"),
          .leaseEnded(attempt(task(sweep, 0, 3), 1, 4), .crashed, message: ""),
          .taskQuarantined(task(sweep, 0, 3), reason: "crashed 3 times"),
        ], at: 6)
    }
    let store = try fixture.store()
    #expect(store.epoch == 2)
    let opened = try store.openSweep(registration(), at: 7)
    #expect(!opened.isNew && opened.id == sweep && opened.state == .running)
    let fingerprint = try #require(opened.recovered.done.first).fingerprint
    let predictions = ArtifactReference(
      kind: .predictions, digest: ContentDigest(bytes: [UInt8](repeating: 1, count: 32)), byteCount: 12)
    #expect(fingerprint == result(auroc: 0.8, artifacts: [predictions]).measurement.fingerprint)
    #expect(opened.recovered.done.map(\.task) == [task(sweep, 0, 0)])
    #expect(
      opened.recovered.open == [
        RecoveredSweep.Open(task: task(sweep, 0, 1), failureCount: 1, crashed: [], lease: nil),
        RecoveredSweep.Open(
          task: task(sweep, 0, 2), failureCount: 0, crashed: [],
          lease: RecoveredSweep.Lease(attempt: Attempt(epoch: 1, number: 3), holder: worker)),
        RecoveredSweep.Open(
          task: task(sweep, 0, 3), failureCount: 0, crashed: [Attempt(epoch: 1, number: 4)], lease: nil),
      ])
    #expect(opened.recovered.quarantined == [task(sweep, 0, 3)])
    #expect(opened.trials.count == 1)
    #expect(opened.trials[0].record.parameters.json == #"{"l2":0.1,"leaves":31}"#)
    #expect(opened.trials[0].results.map(\.fold) == [0])
    #expect(opened.trials[0].results[0].metrics[0] == MetricValue(name: "valid/auroc", value: 0.8))
    #expect(opened.trials[0].results[0].metrics[1].value.isNaN)
  }

  /// In real life: a result arrives late, after its task was quarantined. It is the task's result from then on.
  @Test func lateResult_outranksQuarantine() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 1).id
    try store.commit(
      [
        trial(sweep, 0), .workerJoined(identity), .leaseGranted(attempt(task(sweep, 0, 0), 1, 1), to: worker),
        .leaseEnded(attempt(task(sweep, 0, 0), 1, 1), .lost, message: ""),
        .taskQuarantined(task(sweep, 0, 0), reason: "x"),
        .resultAccepted(attempt(task(sweep, 0, 0), 1, 1), from: worker, result(auroc: 0.7)),
      ], at: 2)
    let opened = try store.openSweep(registration(), at: 3)
    let recovered = opened.recovered
    #expect(recovered.quarantined.isEmpty && recovered.open.isEmpty && recovered.done.count == 1)
    // That it was given up stays known: a sampler that learnt of it must be told the same again.
    #expect(opened.givenUp == [task(sweep, 0, 0)] && opened.computeMilliseconds == 5)
  }

  /// In real life: a worker behind a cut network was given up, returns still training, and its lease is adopted.
  @Test func adoptedLease_opensItsAttemptAgain() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 1).id
    let again = attempt(task(sweep, 0, 0), 1, 1)
    try store.commit([trial(sweep, 0), .workerJoined(identity), .leaseGranted(again, to: worker)], at: 2)
    try store.commit([.leaseEnded(again, .lost, message: "silent")], at: 3)
    try store.commit([.leaseGranted(again, to: worker)], at: 4)
    #expect(try store.openSweep(registration(), at: 5).recovered.open.first?.lease?.attempt == again.attempt)
  }

  /// I2: the database itself refuses a second accepted result, and the whole commit with it.
  @Test func secondResultOfATask_isRefusedByTheSchema() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 1).id
    try store.commit(
      [trial(sweep, 0), .workerJoined(identity), .leaseGranted(attempt(task(sweep, 0, 0), 1, 1), to: worker)], at: 2)
    let accepted = TrackerRecord.resultAccepted(attempt(task(sweep, 0, 0), 1, 1), from: worker, result(auroc: 0.7))
    try store.commit([accepted], at: 3)
    #expect(throws: TrackerError.self) { try store.commit([trial(sweep, 1), accepted], at: 4) }
    #expect(try store.openSweep(registration(), at: 5).trials.count == 1)
  }

  @Test func secondCoordinator_isRefused_withTheHoldersName() throws {
    let fixture = try Fixture()
    let first = try fixture.store()
    #expect { try fixture.store() } throws: { error in
      (error as? TrackerError)?.code == .locked && "\(error)".contains("process \(getpid())")
    }
    try first.close()
  }

  /// In real life: the lock file was on a copied volume and two coordinators write one file. The later epoch wins.
  @Test func overtakenCoordinator_isFenced() throws {
    let fixture = try Fixture()
    let first = try fixture.store()
    let sweep = try first.openSweep(registration(), at: 1).id
    try FileManager.default.removeItem(atPath: fixture.path + ".lock")
    let second = try fixture.store()
    #expect(second.epoch == 2)
    #expect { try first.commit([trial(sweep, 0)], at: 2) } throws: { ($0 as? TrackerError)?.code == .fenced }
    try second.commit([trial(sweep, 0)], at: 3)
  }

  @Test func sameName_otherQuestion_isRefused() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    _ = try store.openSweep(registration(), at: 1)
    #expect { try store.openSweep(registration(digest: "d2"), at: 2) } throws: { error in
      (error as? TrackerError)?.code == .specChanged && "\(error)".contains("rename the sweep")
    }
  }

  @Test func foreignFiles_areNotTouched() throws {
    let fixture = try Fixture()
    try Data("this is no database, but long enough to look at: ".utf8).write(to: URL(fileURLWithPath: fixture.path))
    #expect { try fixture.store() } throws: { ($0 as? TrackerError)?.code == .notATracker }
    let before = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
    #expect(before == Data("this is no database, but long enough to look at: ".utf8))
  }

  /// In real life: a page of the file went bad on the disk.
  @Test func damagedFile_isRefused() throws {
    let fixture = try Fixture()
    do {
      let store = try fixture.store()
      let sweep = try store.openSweep(registration(), at: 1).id
      try store.commit((0..<200).map { trial(sweep, $0) }, at: 2)
      try store.close()
    }
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: fixture.path))
    let size = try handle.seekToEnd()
    for page in stride(from: UInt64(8_192), to: size, by: 4_096) {
      try handle.seek(toOffset: page)
      try handle.write(contentsOf: Data(repeating: 0xA5, count: 512))
    }
    try handle.close()
    #expect(throws: TrackerError.self) {
      let store = try fixture.store()
      _ = try store.openSweep(registration(), at: 3)
    }
  }

  @Test func events_areAppendOnly() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    let sweep = try store.openSweep(registration(), at: 1).id
    try store.commit([.sweepChanged(sweep, .stopped), .workerLeft(worker, reason: "bye")], at: 2)
    try store.close()
    let reader = try TrackerReader(path: fixture.path)
    #expect(try reader.sql("SELECT kind FROM event").rows == [[.text("sweep-stopped")], [.text("worker-left")]])
    #expect(throws: TrackerError.self) { try reader.sql("DELETE FROM event") }
  }
}
