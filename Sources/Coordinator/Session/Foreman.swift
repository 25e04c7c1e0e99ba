// SPDX-License-Identifier: Apache-2.0

import Foundation
import Launching
import Scheduling
import Sockets
import Sweeps

/// Asks a scheduler for workers and lets them go, as `CrewPolicy` decides, on a thread of its own: sbatch and its kin may take
/// seconds, and the session's loop has a socket to serve.
final class Foreman: Sendable {
  /// What the session's loop knows.
  struct Report: Sendable {
    let usableCount: Int
    let foldsLeft: Int
    let foldMilliseconds: Int64?
    let joined: Set<String>
    let busy: Set<String>
  }

  private struct Inbox: Sendable {
    var report: Report?
    var isEnding = false
  }

  private let inbox = Locked(Inbox())
  private let ready = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let order: WorkerOrder
  private let rendezvous: String
  private let say: @Sendable (_ line: String, _ isAlarm: Bool) -> Void

  /// Between looks at the scheduler's queue when nothing has to be done; each costs it a call.
  static let surveySeconds: Double = 30

  init(
    order: WorkerOrder, policy: CrewPolicy, say: @escaping @Sendable (_ line: String, _ isAlarm: Bool) -> Void
  ) {
    self.order = order
    rendezvous = order.rendezvous
    self.say = say
    let thread = Thread { [self] in
      work(policy)
      ended.signal()
    }
    thread.name = "foreman"
    thread.start()
  }

  func tell(_ report: Report) {
    inbox.withLock { $0.report = report }
    ready.signal()
  }

  /// Withdraws what waits in the queue and lets the rest go; returns when that is said, or after half a minute.
  func end() {
    inbox.withLock { $0.isEnding = true }
    ready.signal()
    _ = ended.wait(timeout: .now() + 30)
  }

  private func work(_ given: CrewPolicy) {
    var policy = given
    var alive: [EngineWorker]?
    var surveyedAt: Int64 = 0
    while true {
      ready.wait()
      let (report, isEnding) = inbox.withLock { inbox in
        defer { inbox.report = nil }
        return (inbox.report, inbox.isEnding)
      }
      if isEnding { return dismiss() }
      guard let report else { continue }
      let now = Tick(milliseconds: monotonicMilliseconds())
      do throws(LaunchError) {
        if alive == nil || now.milliseconds - surveyedAt > Int64(Self.surveySeconds * 1_000) {
          alive = try LaunchBook(beside: rendezvous).survey()
          surveyedAt = now.milliseconds
        }
        let known = policy.decide(situation(report, alive ?? []), at: now)
        guard known != .stay else { continue }
        // What is asked for or let go rests on what the scheduler says now.
        alive = try act(report, &policy, at: now)
        surveyedAt = now.milliseconds
      } catch {
        if alive == nil || policy.failureCount < 1 { say("workers cannot be launched: \(error)", true) }
        policy.launchFailed(at: now)
        alive = alive ?? []
      }
    }
  }

  private func situation(_ report: Report, _ alive: [EngineWorker]) -> CrewPolicy.Situation {
    let staying = alive.filter { $0.state != .leaving }
    // Workers that somebody else started count too.
    let others = report.joined.subtracting(alive.map(\.name)).count
    return CrewPolicy.Situation(
      usableCount: report.usableCount, foldsLeft: report.foldsLeft, foldMilliseconds: report.foldMilliseconds,
      crewCount: staying.count + others)
  }

  private func act(
    _ report: Report, _ policy: inout CrewPolicy, at now: Tick
  ) throws(LaunchError) -> [EngineWorker] {
    var next = policy
    let (order, say) = (order, say)
    let alive = try LaunchBook.update(beside: rendezvous) { (book) throws(LaunchError) in
      let alive = try book.survey()
      switch next.decide(situation(report, alive), at: now) {
      case .stay: return alive
      case .launch(let count):
        let launch = try order.engine.make().launch(order, count: count)
        book.add(launch)
        book.forgetEnded(alive: alive)
        next.launchSucceeded()
        say("\(count) workers are asked for: \(order.engine.name) \(launch.handle)", false)
        return try book.survey()
      case .release(let count):
        let going = Array(releaseOrder(alive, busy: report.busy).prefix(count))
        try release(going, &book)
        say("\(going.count) workers are let go: more than could be used", false)
        return try book.survey()
      }
    }
    policy = next
    return alive
  }

  private func release(_ going: [EngineWorker], _ book: inout LaunchBook) throws(LaunchError) {
    guard !going.isEmpty, let engine = book.engine(of: going[0]) else { return }
    try engine.release(going)
    book.noteReleased(going)
  }

  private func dismiss() {
    do throws(LaunchError) {
      try LaunchBook.update(beside: rendezvous) { (book) throws(LaunchError) in
        try release(try book.survey().filter { $0.state != .leaving }, &book)
      }
    } catch {
      say("workers may be left in the queue: \(error); muster workers list --rendezvous \(rendezvous)", true)
    }
  }
}
