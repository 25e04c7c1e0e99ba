// SPDX-License-Identifier: Apache-2.0

import Foundation
import Scheduling
import Sweeps
import Testing

/// What the coordinator's decisions cost. Small in every run so that it cannot rot; `MUSTER_LARGE=1` for the figures, with
/// 1,000 workers and 1,000,000 tasks. Times are printed, never checked.
@Suite struct SchedulerCostTests {
  @Test func taskCost_isPrinted() {
    let isLarge = ProcessInfo.processInfo.environment["MUSTER_LARGE"] != nil
    let workerCount = isLarge ? 1_000 : 20
    let trialCount = isLarge ? 200_000 : 200
    let before = residentMegabytes()
    let clock = ContinuousClock()
    var machine = CoordinatorMachine(
      epoch: 1, settings: SchedulerSettings(), recovered: RecoveredSweep(), at: .ms(0))
    let submitted = clock.measure {
      for trial in 0..<trialCount { _ = machine.handle(.trialAdded(order(trial: trial)), at: .ms(0)) }
    }
    let megabytes = residentMegabytes() - before
    var inbox: [WorkerMessage] = []
    var eventCount = 0
    func absorb(_ directives: [CoordinatorMachine.Directive]) {
      eventCount += 1
      for case .send(let message) in directives {
        guard case .assign(let assignment) = message.body else { continue }
        inbox.append(
          WorkerMessage(incarnation: message.recipient, epoch: 1, body: .result(assignment.taskAttempt, result)))
      }
    }
    let trained = clock.measure {
      for number in 1...UInt64(workerCount) {
        let who = identity(number)
        let hello = WorkerHello(identity: who, slotCount: 2, datasets: [dataset])
        absorb(
          machine.handle(
            .message(WorkerMessage(incarnation: who.incarnation, epoch: 0, body: .hello(hello))), at: .ms(1)))
      }
      while !inbox.isEmpty {
        let batch = inbox
        inbox.removeAll(keepingCapacity: true)
        for message in batch { absorb(machine.handle(.message(message), at: .ms(2))) }
      }
    }
    let taskCount = trialCount * 5
    #expect(machine.counts.done == taskCount)
    machine.checkInvariants()
    let perTask = trained / taskCount
    print(
      "scheduler: \(workerCount) workers, \(taskCount) tasks, \(eventCount) events: submitted in \(submitted), "
        + "\(megabytes) MB, \(perTask) a task")
  }

  private func residentMegabytes() -> Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return (pages.flatMap { Int($0[1]) } ?? 0) * 4_096 / 1_048_576
  }
}
