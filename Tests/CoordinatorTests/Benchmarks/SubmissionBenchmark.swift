// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Reporting
import Scheduling
import Sockets
import Sweeps
import Testing
import Tracking

/// A sweep of a million folds, proposed all at once: into the tracker and the scheduler, and read again by a second start.
/// Small in every run so that it cannot rot; figures with `make bench-load`. Figures are printed, never checked.
@Suite(.serialized) struct SubmissionBenchmark {
  @Test func submission_isPrinted() throws {
    let trialCount = LoadBenchmark.isLarge ? 200_000 : 200
    let folder = NSTemporaryDirectory() + "muster-submission-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/tracker.db"
    let clock = ContinuousClock()
    let before = residentMegabytes()
    var taskCount = 0
    let submitted = try clock.measure {
      let store = try TrackerStore(path: path, codeVersion: codeVersion, at: 1)
      let opened = try store.openSweep(registration, at: 1)
      var machine = CoordinatorMachine(
        epoch: store.epoch, settings: SchedulerSettings(), recovered: opened.recovered, at: Tick(milliseconds: 0))
      for first in stride(from: 0, to: trialCount, by: 1_000) {
        var records: [TrackerRecord] = []
        for number in first..<min(first + 1_000, trialCount) {
          records.append(
            .trialAdded(TrialRecord(sweep: opened.id, number: number, learner: .linear, parameters: parameters(number)))
          )
          _ = machine.handle(.trialAdded(order(opened.id, number)), at: Tick(milliseconds: 0))
        }
        try store.commit(records, at: 2)
      }
      taskCount = machine.counts.queued
      try store.close()
    }
    let megabytes = residentMegabytes() - before
    var foundCount = 0
    let started = try clock.measure {
      let store = try TrackerStore(path: path, codeVersion: codeVersion, at: 3)
      foundCount = try store.openSweep(registration, at: 3).trials.count
      try store.close()
    }
    #expect(taskCount == trialCount * 5 && foundCount == trialCount)
    print(
      "submission: \(taskCount) folds of \(trialCount) trials recorded and queued in \(submitted), \(megabytes) MB; "
        + "read again in \(started)")
  }

  private var registration: SweepRegistration {
    SweepRegistration(
      name: "many", outcome: .readmission30d,
      dataset: SweepRegistration.Dataset(
        digest: LoadBenchmark.dataset, name: "none", source: "synthetic", path: "none", rowCount: 100, patientCount: 80,
        columnCount: 9, prevalence: 0.12), metric: "valid/auroc", isMaximized: true, folds: folds, sampler: "grid",
      seed: 1, spec: "{}", specDigest: "many", codeVersion: codeVersion)
  }

  private var folds: FoldPlan { FoldPlan(scheme: .stratifiedGrouped, foldCount: 5, seed: 1) }

  private func parameters(_ number: Int) -> Parameters {
    ["l1": .real(0), "l2": .real(Double(number) / 1_000), "max_iterations": .integer(100)]
  }

  private func order(_ sweep: SweepID, _ number: Int) -> TrialOrder {
    TrialOrder(
      sweep: sweep, trial: number, learner: .linear, parameters: parameters(number), dataset: LoadBenchmark.dataset,
      outcome: .readmission30d, folds: folds, seed: 1)
  }

  private func residentMegabytes() -> Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return (pages.flatMap { Int($0[1]) } ?? 0) * 4_096 / 1_048_576
  }
}
