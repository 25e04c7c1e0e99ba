// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Sweeps
import Testing
import TrackerKit

@testable import Tracking

/// Deleting, taking it back, and for good.
@Suite struct DeletionTests {
  private static let views = [
    "trials", "leaderboard", "trial_parameters", "trial_metrics", "fold_results", "fold_metrics", "learning_curves",
    "attempts",
    "worker_timeline", "lineage", "tags", "notes", "score_bins", "v_fold", "v_curve", "v_attempt", "v_leaderboard",
  ]

  private func store(_ fixture: Fixture) throws -> TrackerStore {
    try TrackerStore(path: fixture.path, codeVersion: "test", at: 1)
  }

  /// In real life: a trial of a botched data set is taken out of the paper's tables.
  @Test func deletedTrial_isInNoView_andComesBackAsItWas() throws {
    let fixture = try Fixture()
    try GeneratedTracker.fill(fixture.path, trials: 60, steps: 3)
    func rows(_ view: String, of trial: Int) throws -> Int {
      try TrackerReader(path: fixture.path)
        .sql("SELECT * FROM \(view) WHERE sweep = 'readmission' AND trial = \(trial)").rows.count
    }
    let before = try Self.views.map { try rows($0, of: 1) }
    #expect(before.allSatisfy { $0 > 0 }, "\(zip(Self.views, before).filter { $1 == 0 })")
    let thing = TrackedThing(sweep: "readmission", trial: 1)
    let writer = try store(fixture)
    #expect(try writer.delete(thing, by: "ada", at: 9, isDryRun: true).trials == 1)
    #expect(try rows("trials", of: 1) == 1)
    #expect(try writer.delete(thing, by: "ada", at: 9).results == 5)
    #expect(throws: TrackerError.self) { try writer.delete(thing, by: "ada", at: 9) }
    for view in Self.views { #expect(try rows(view, of: 1) == 0, "\(view)") }
    let reader = try TrackerReader(path: fixture.path)
    #expect(try reader.sql("SELECT count(*) FROM trial WHERE sweep_id = 1 AND number = 1").rows == [[.integer(0)]])
    #expect(try reader.sql("SELECT sweep, trial FROM deleted").rows == [[.text("readmission"), .integer(1)]])
    #expect(try reader.trials(of: reader.sweep(named: "readmission")).contains { $0.number == 1 } == false)
    try writer.undelete(thing, by: "ada", at: 10)
    #expect(try Self.views.map { try rows($0, of: 1) } == before)
    try writer.close()
  }

  /// A trial that was deleted before its sweep was stays deleted when the sweep comes back.
  @Test func undeletedSweep_bringsBackWhatWentWithIt() throws {
    let fixture = try Fixture()
    try GeneratedTracker.fill(fixture.path, trials: 60, steps: 2)
    let writer = try store(fixture)
    let (sweep, trial) = (TrackedThing(sweep: "readmission", trial: nil), TrackedThing(sweep: "readmission", trial: 3))
    func trials() throws -> Int? {
      try TrackerReader(path: fixture.path).sql("SELECT count(*) FROM trials WHERE sweep = 'readmission'").rows[0][0]
        .integer
    }
    let all = try #require(try trials())
    try writer.delete(trial, by: "ada", at: 5)
    // The clock went back: the mark is the sweep's own all the same.
    try writer.delete(sweep, by: "ada", at: 4)
    #expect(try trials() == 0)
    let reader = try TrackerReader(path: fixture.path)
    #expect(try reader.sweeps().map(\.name) == ["readmission-random"])
    #expect(throws: TrackerError.self) { try reader.sweep(named: "readmission") }
    #expect(throws: TrackerError.self) { try writer.undelete(trial, by: "ada", at: 6) }
    try writer.undelete(sweep, by: "ada", at: 6)
    #expect(try trials() == all - 1)
    try writer.close()
  }

  @Test func vacuum_leavesNothingBehind_andNoDanglingRow() throws {
    let fixture = try Fixture()
    try GeneratedTracker.fill(fixture.path, trials: 60, steps: 20)
    let writer = try store(fixture)
    try writer.delete(TrackedThing(sweep: "readmission", trial: nil), by: "ada", at: 5)
    try writer.delete(TrackedThing(sweep: "readmission-random", trial: 1), by: "ada", at: 5)
    let planned = try writer.vacuum(by: "ada", at: 6, isDryRun: true)
    let done = try writer.vacuum(by: "ada", at: 6)
    #expect(planned.sweeps == 1 && planned.trials == 55 && done.results == planned.results && done.bytes > 0)
    let reader = try TrackerReader(path: fixture.path)
    #expect(try reader.sql("SELECT count(*) FROM pragma_foreign_key_check").rows == [[.integer(0)]])
    #expect(try reader.sql("SELECT count(*) FROM main.trial WHERE sweep_id = 1").rows == [[.integer(0)]])
    #expect(try reader.sql("SELECT count(*) FROM deleted").rows == [[.integer(0)]])
    #expect(try reader.sql("SELECT count(*) FROM dataset").rows == [[.integer(1)]])
    // The last sweep takes its data set with it.
    try writer.delete(TrackedThing(sweep: "readmission-random", trial: nil), by: "ada", at: 7)
    try writer.vacuum(by: "ada", at: 8)
    #expect(try reader.sql("SELECT count(*) FROM dataset").rows == [[.integer(0)]])
    try writer.close()
  }

  /// A search rests on all its trials: hidden ones it still knows, gone ones it cannot do without.
  @Test func sweepGoesOn_withHiddenTrials_andNotWithoutThem() throws {
    let fixture = try Fixture()
    let writer = try fixture.store()
    let opened = try writer.openSweep(registration(), at: 1)
    try writer.commit([trial(opened.id, 0), trial(opened.id, 1)], at: 2)
    try writer.delete(TrackedThing(sweep: "demo", trial: 1), by: "ada", at: 3)
    #expect(try writer.openSweep(registration(), at: 4).trials.map(\.record.number) == [0, 1])
    try writer.delete(TrackedThing(sweep: "demo", trial: nil), by: "ada", at: 5)
    #expect { try writer.openSweep(registration(), at: 6) } throws: { "\($0)".contains("muster tracker undelete demo") }
    try writer.undelete(TrackedThing(sweep: "demo", trial: nil), by: "ada", at: 7)
    try writer.vacuum(by: "ada", at: 8)
    #expect { try writer.openSweep(registration(), at: 9) } throws: { "\($0)".contains("1 trials of sweep demo") }
    try writer.close()
  }

  /// What a data set's manifest says is entered once, and nothing that is few.
  @Test func datasetFacts_areEntered_withoutSmallCounts() throws {
    let fixture = try Fixture()
    let writer = try fixture.store()
    func given(_ steps: [SweepRegistration.Dataset.FlowStep]) -> SweepRegistration {
      let plain = registration()
      let dataset = SweepRegistration.Dataset(
        digest: plain.dataset.digest, name: "d", source: "synthetic", path: "d", rowCount: 100, patientCount: 80,
        columnCount: 1, prevalence: nil, flow: steps,
        columns: [
          SweepRegistration.Dataset.Column(
            part: .tabular, name: "age", item: "PATIENTS.DOB", unit: "years", window: "at admission", statistic: "value"
          )
        ])
      return SweepRegistration(
        name: plain.name, outcome: plain.outcome, dataset: dataset, metric: plain.metric, isMaximized: true,
        folds: plain.folds, sampler: plain.sampler, seed: 1, spec: plain.spec, specDigest: "d1", codeVersion: "test")
    }
    let step = { SweepRegistration.Dataset.FlowStep(reason: $0, count: $1) }
    _ = try writer.openSweep(given([]), at: 1)
    for _ in 0..<2 {
      _ = try writer.openSweep(given([step("admissions", 130), step("newborns", 4), step("rows", 100)]), at: 2)
    }
    try writer.close()
    let reader = try TrackerReader(path: fixture.path)
    #expect(
      try reader.sql("SELECT reason, n FROM cohort_flow ORDER BY step").rows == [
        [.text("admissions"), .integer(130)], [.text("newborns"), .null], [.text("rows"), .integer(100)],
      ])
    #expect(try reader.sql("SELECT name, unit FROM dataset_columns").rows == [[.text("age"), .text("years")]])
  }

  /// Bins go in with their result and come out by view, to the bit.
  @Test func scoreBins_areKeptWithTheirResult() throws {
    let fixture = try Fixture()
    let writer = try fixture.store()
    let sweep = try writer.openSweep(registration(), at: 1).id
    let bins = [
      ScoreBin(low: 0, rowCount: 60, prediction: 0.0625, labelSum: 0),
      ScoreBin(low: 0.1015625, rowCount: 40, prediction: 0.3, labelSum: 12),
    ]
    let plain = result(auroc: 0.7).measurement
    let measured = Measurement(
      metrics: plain.metrics, curve: plain.curve, bestStep: 1, trainRowCount: 80, validRowCount: 20, artifacts: [],
      scoreBins: bins)
    #expect(measured.fingerprint != 0)
    let attempt = attempt(task(sweep, 0, 0), writer.epoch, 1)
    try writer.commit(
      [
        .workerJoined(identity), trial(sweep, 0), .leaseGranted(attempt, to: worker),
        .resultAccepted(
          attempt, from: worker,
          FoldResult(measurement: measured, cost: Cost(wallMilliseconds: 1, cpuMilliseconds: 1, residentBytesPeak: 1))),
      ], at: 2)
    try writer.close()
    let rows = try TrackerReader(path: fixture.path).sql(
      "SELECT bin, low, n_rows, observed FROM score_bins ORDER BY bin"
    ).rows
    #expect(
      rows == [
        [.integer(0), .real(0), .integer(60), .real(0)], [.integer(1), .real(0.1015625), .integer(40), .real(0.3)],
      ])
  }
}
