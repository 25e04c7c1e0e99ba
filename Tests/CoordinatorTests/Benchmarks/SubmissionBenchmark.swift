// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Reporting
import Scheduling
import Search
import Sockets
import Sweeps
import Testing
import Tracking

@testable import Coordinator

/// A sweep of a million folds, proposed all at once: into the tracker and the scheduler; a tenth of it trained; and all of it
/// taken up by a second start. Small in every run so that it cannot rot; figures with `make bench-load`. Figures are printed,
/// never checked.
@Suite(.serialized) struct SubmissionBenchmark {
  private static let trialCount = LoadBenchmark.isLarge ? 200_000 : 200
  private static let foldCount = 5

  @Test func submission_isPrinted() throws {
    let folder = NSTemporaryDirectory() + "muster-submission-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/tracker.db"
    let clock = ContinuousClock()
    let before = residentMegabytes()
    var taskCount = 0
    let submitted = try clock.measure {
      let (session, store, _) = try LoadBenchmark.makeSession(tracker: path, trialCount: Self.trialCount)
      while true {
        let records = try submitThousand(session)
        if records.isEmpty { break }
        try store.commit(records, at: 2)
      }
      taskCount = session.machine.counts.queued
      session.writer.end()
      try store.close()
    }
    let megabytes = residentMegabytes() - before
    let trained = try train(Self.trialCount / 10, tracker: path)
    var open = 0
    let started = try clock.measure {
      let (session, store, opened) = try LoadBenchmark.makeSession(tracker: path, trialCount: Self.trialCount)
      try session.restore(opened)
      open = session.machine.counts.open
      session.writer.end()
      try store.close()
    }
    #expect(taskCount == Self.trialCount * Self.foldCount && open == taskCount - trained)
    print(
      "submission: \(taskCount) folds of \(Self.trialCount) trials recorded and queued in \(submitted), \(megabytes) MB; "
        + "\(trained) trained; ready again after \(started)")
  }

  /// A thousand proposals, queued; their records.
  private func submitThousand(_ session: SweepSession) throws -> [TrackerRecord] {
    var records: [TrackerRecord] = []
    while records.count < 1_000, let order = try session.book.propose() {
      records.append(
        .trialAdded(
          TrialRecord(
            sweep: order.sweep, number: order.trial, learner: order.learner, parameters: order.parameters)))
      _ = session.machine.handle(.trialAdded(order), at: Tick(milliseconds: 0))
    }
    return records
  }

  /// All folds of the first trials get a result in the tracker.
  ///
  /// - Returns: how many folds that is.
  private func train(_ trialCount: Int, tracker path: String) throws -> Int {
    let store = try TrackerStore(path: path, codeVersion: codeVersion, at: 3)
    let worker = WorkerIdentity(
      incarnation: Incarnation(high: 1, low: 1), name: "w1", host: "here", processID: 1, codeVersion: codeVersion,
      machineType: "simulated")
    try store.commit([.workerJoined(worker)], at: 3)
    for trial in 0..<trialCount {
      var records = (0..<Self.foldCount).map { fold in
        let task = TaskAttempt(
          task: TrialTask(sweep: SweepID(1), trial: trial, fold: fold, rung: 0),
          attempt: Attempt(epoch: store.epoch, number: Int64(trial * Self.foldCount + fold)))
        return TrackerRecord.resultAccepted(
          task, from: worker.incarnation, SimulatedCrew.result(trial: trial, fold: fold))
      }
      let end = TrialEnd(
        state: .completed, objective: 0.5, objectiveSD: 0.1, interval: nil, foldsDone: Self.foldCount, reason: nil)
      records.append(.trialEnded(SweepID(1), trial: trial, end))
      try store.commit(records, at: 4)
    }
    try store.close()
    return trialCount * Self.foldCount
  }

  private func residentMegabytes() -> Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return (pages.flatMap { Int($0[1]) } ?? 0) * 4_096 / 1_048_576
  }
}
