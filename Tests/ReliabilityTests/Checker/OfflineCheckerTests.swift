// SPDX-License-Identifier: Apache-2.0

import Sweeps
import Testing

/// Goal: the judge of all live tests sees what it is there for. Method: one sound ending, and one broken in each way.
@Suite struct OfflineCheckerTests {
  private let checker = OfflineChecker(tasks: ["1#0/f0/r0", "1#0/f1/r0"], undisturbed: ["a", "b"], waste: .none)

  private let history = History(
    text: """
      training w0 1#0/f0/r0@1.1
      training w1 1#0/f1/r0@1.2
      answered w0 1#0/f0/r0@1.1 accepted
      fault kill -9 coordinator
      answered w1 1#0/f1/r0@1.2 accepted
      answered w1 1#0/f1/r0@1.2 accepted
      """)

  private let tracker = FinalTracker(
    results: [
      FinalTracker.Row(task: "1#0/f0/r0", attempt: "1.1", state: "result"),
      FinalTracker.Row(task: "1#0/f1/r0", attempt: "1.2", state: "result"),
    ],
    attempts: [
      FinalTracker.Row(task: "1#0/f0/r0", attempt: "1.1", state: "completed"),
      FinalTracker.Row(task: "1#0/f1/r0", attempt: "1.2", state: "completed"),
    ], quarantined: [], alarms: [], lines: ["a", "b"])

  private func first(_ checker: OfflineChecker? = nil, _ text: String = "", _ change: (inout FinalTracker) -> Void)
    -> String
  {
    var tracker = tracker
    change(&tracker)
    let events = history.events + History(text: text).events
    return String((checker ?? self.checker).violations(History(events: events), tracker).first?.prefix(3) ?? "")
  }

  @Test func soundEnding_passes() {
    #expect(history.events.count == 6)
    #expect(checker.violations(history, tracker) == [])
    #expect(History(text: history.text) == history)
  }

  @Test func lostAcknowledgedResult_isI1() {
    #expect(first { $0.results.removeLast() } == "I1:")
    let otherAttempt = FinalTracker.Row(task: "1#0/f1/r0", attempt: "2.1", state: "result")
    #expect(first { $0.results[1] = otherAttempt } == "I1:")
  }

  @Test func secondResult_isI2() {
    #expect(first { $0.results.append($0.results[0]) } == "I2:")
    let completed = FinalTracker.Row(task: "1#0/f0/r0", attempt: "1.3", state: "completed")
    #expect(first { $0.attempts.append(completed) } == "I2:")
    let forgetful = OfflineChecker(tasks: [], undisturbed: nil)
    let events = History(text: "answered w0 1#5/f0/r0@1.7 accepted\nanswered w1 1#5/f0/r0@1.8 accepted")
    #expect(forgetful.violations(events, tracker).contains { $0.hasPrefix("I2:") })
  }

  @Test func resultTurnedAwayForNothing_andOtherBits_areI3() {
    #expect(first(nil, "answered w0 1#9/f0/r0@1.9 superseded") { _ in } == "I3:")
    #expect(first(nil, "answered w0 1#0/f0/r0@1.9 superseded") { _ in } == "")
    #expect(first { $0.alarms = ["1#0/f0/r0@1.9"] } == "I3:")
  }

  @Test func openTask_andLeftOverLease_areI5() {
    let wider = OfflineChecker(tasks: checker.tasks + ["1#1/f0/r0"], undisturbed: ["a", "b"])
    #expect(first(wider) { _ in } == "I5:")
    #expect(first(wider) { $0.quarantined = ["1#1/f0/r0"] } == "")
    let running = FinalTracker.Row(task: "1#0/f0/r0", attempt: "1.3", state: "running")
    #expect(first { $0.attempts.append(running) } == "I5:")
  }

  @Test func otherTable_isI10() {
    #expect(first { $0.lines = ["a"] } == "I10")
    #expect(first { $0.lines = ["a", "c"] } == "I10")
  }

  @Test func taskTrainedTwice_isI18() {
    #expect(first(nil, "training w1 1#0/f0/r0@1.4") { _ in } == "I18")
    let tolerant = OfflineChecker(tasks: checker.tasks, undisturbed: ["a", "b"], waste: .allowed)
    #expect(first(tolerant, "training w1 1#0/f0/r0@1.4") { _ in } == "")
  }

  /// The lines that a worker writes today, one of them cut by a kill.
  @Test func workerLog_isRead() {
    var history = History()
    history.add(
      log: """
        2026-11-26T02:00:00+0000 info muster-worker: worker=w0 [Worker] training 1#7/f2/r0@3.14
        2026-11-26T02:00:01+0000 notice muster-worker: worker=w0 [Worker] joined the coordinator of epoch 3
        2026-11-26T02:00:01+0000 info muster-worker: worker=w0 [Worker] 1#7/f2/r0@3.14 accepted
        2026-11-26T02:00:02+0000 info muster-worker: worker=w0 [Worker] training 1#7/f
        """, of: "w0")
    #expect(
      history.events == [
        .training(worker: "w0", task: "1#7/f2/r0", attempt: "3.14"),
        .answered(worker: "w0", task: "1#7/f2/r0", attempt: "3.14", .accepted),
      ])
  }
}
