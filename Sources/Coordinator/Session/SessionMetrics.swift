// SPDX-License-Identifier: Apache-2.0

import Reporting
import Scheduling
import Sockets
import Sweeps

/// What a running coordinator says to Prometheus beside its tracker: what only its memory knows.
///
/// The session counts and, once a second, writes the text; whoever serves it reads that. So no request ever touches the session.
struct SessionMetrics {
  /// The last text, for the server's threads.
  let board: Locked<String>
  private(set) var commitSeconds = MetricHistogram(
    bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10])
  private var recordCount = 0
  private var failureCount = 0
  private var messageCount = 0
  private var grantCount = 0
  private var resultCount = 0
  private var unneededCount = 0
  private var nondeterministicCount = 0
  private var ends: [LeaseEnd: Int] = [:]
  private var nextTextAt: Int64 = 0

  init(board: Locked<String>) { self.board = board }

  mutating func heard() { messageCount += 1 }

  mutating func committed(_ count: Int, milliseconds: Int64) {
    recordCount += count
    commitSeconds.observe(Double(milliseconds) / 1_000)
  }

  mutating func failedToCommit() { failureCount += 1 }

  mutating func note(_ notice: CoordinatorMachine.Notice) {
    switch notice {
    case .leaseGranted: grantCount += 1
    case .resultRecorded: resultCount += 1
    case .resultUnneeded: unneededCount += 1
    case .nondeterminism: nondeterministicCount += 1
    case .leaseEnded(_, let end, _): ends[end, default: 0] += 1
    default: break
    }
  }

  /// - Parameter state: asked for only where the text is due.
  mutating func publish(at now: Int64, _ state: @autoclosure () -> State) {
    guard now >= nextTextAt else { return }
    nextTextAt = now + 1_000
    let text = text(state())
    board.withLock { $0 = text }
  }

  struct State {
    let counts: TaskCounts
    let workers: [WorkerSnapshot]
    let now: Tick
    let isStalled: Bool
    let stalledMilliseconds: Int64
    let malformedCount: Int
    let refusals: [(reason: String, count: Int)]
  }

  private func text(_ state: State) -> String {
    var text = MetricText()
    let counts = state.counts
    text.family(
      "muster_session_tasks", .gauge, "Folds of the running sweep by state.",
      [
        ("queued", counts.queued), ("waiting", counts.waiting), ("reserved", counts.reserved),
        ("leased", counts.leased),
        ("done", counts.done), ("quarantined", counts.quarantined), ("cancelled", counts.cancelled),
      ].map { (labels: [("state", $0.0)], value: Double($0.1)) })
    let groups = Dictionary(grouping: state.workers) { $0.isDraining ? "draining" : $0.held.isEmpty ? "idle" : "busy" }
    text.family(
      "muster_session_workers", .gauge, "Connected workers by what they do.",
      ["busy", "idle", "draining"].map { (labels: [("state", $0)], value: Double(groups[$0]?.count ?? 0)) })
    text.number(
      "muster_session_slots", .gauge, "Folds that all connected workers train at a time.",
      Double(state.workers.reduce(0) { $0 + $1.slotCount }))
    let silence = state.workers.map { state.now.milliseconds - $0.lastHeard.milliseconds }.max()
    text.number(
      "muster_session_longest_silence_seconds", .gauge, "Since the worker was heard that has been silent the longest.",
      Double(max(0, silence ?? 0)) / 1_000)
    counters(state, into: &text)
    text.histogram("muster_commit_duration_seconds", "How long commits to the tracker took.", commitSeconds)
    text.number("muster_tracker_stalled", .gauge, "1 while the tracker cannot be written.", state.isStalled ? 1 : 0)
    text.number(
      "muster_tracker_stalled_seconds_total", .counter, "How long the tracker could not be written or was slow.",
      Double(state.stalledMilliseconds) / 1_000)
    return text.text
  }

  private func counters(_ state: State, into text: inout MetricText) {
    func counter(_ name: StaticString, _ help: StaticString, _ value: Int) {
      text.number(name, .counter, help, Double(value))
    }
    counter("muster_session_messages_total", "Messages of workers that were taken up.", messageCount)
    counter("muster_session_malformed_messages_total", "Messages that could not be read.", state.malformedCount)
    text.family(
      "muster_session_refused_messages_total", .counter, "Messages that were not heard, by why.",
      state.refusals.map { (labels: [("reason", $0.reason)], value: Double($0.count)) })
    counter("muster_session_leases_granted_total", "Leases of this start.", grantCount)
    text.family(
      "muster_session_leases_ended_total", .counter, "Leases that ended without their result, by how.",
      LeaseEnd.allCases.filter { $0 != .completed }.map {
        (labels: [("exit", $0.rawValue)], value: Double(ends[$0] ?? 0))
      })
    counter("muster_session_results_total", "Results of this start that were recorded.", resultCount)
    counter("muster_session_unneeded_results_total", "Results that came second or too late.", unneededCount)
    counter(
      "muster_session_nondeterminism_total", "Pairs of results of one fold with different bits.", nondeterministicCount)
    counter("muster_commit_records_total", "Records that were committed.", recordCount)
    counter("muster_commit_failures_total", "Commits that failed and were kept to be tried again.", failureCount)
  }
}
