// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// Judges a finished sweep by its history and its tracker alone, after all processes are gone.
///
/// Pure. The invariants are those of docs/Reliability.md.
struct OfflineChecker {
  /// What the faults of a run leave of I18.
  enum Waste {
    /// Every task is trained exactly once: no worker died, none was given up.
    case none
    /// Workers died or were given up: what they held is trained again.
    case allowed
  }

  let tasks: [String]
  /// The lines of an undisturbed run; `nil` where a part of the sweep is meant to fail.
  let undisturbed: [String]?
  var waste = Waste.allowed

  /// All that is wrong, a line each, in the order of the invariants.
  func violations(_ history: History, _ tracker: FinalTracker) -> [String] {
    acknowledged(history, tracker) + recordedOnce(history, tracker) + late(history, tracker) + over(tracker)
      + sameTable(tracker) + wasted(history, tracker)
  }

  /// I1: an acknowledged result is in the tracker, as that attempt's.
  private func acknowledged(_ history: History, _ tracker: FinalTracker) -> [String] {
    let recorded = Set(tracker.results.map { $0.task + "@" + $0.attempt })
    return history.events.compactMap { event in
      guard case .answered(let worker, let task, let attempt, .accepted) = event,
        !recorded.contains(task + "@" + attempt)
      else { return nil }
      return "I1: \(task)@\(attempt) was acknowledged to \(worker) and is not in the tracker"
    }
  }

  /// I2: no task has two results, two completed attempts or two accepted ones.
  private func recordedOnce(_ history: History, _ tracker: FinalTracker) -> [String] {
    let accepted = history.events.compactMap { event -> (String, String)? in
      guard case .answered(_, let task, let attempt, .accepted) = event else { return nil }
      return (task, attempt)
    }
    return twice(tracker.results.map { ($0.task, $0.attempt) }, "results")
      + twice(tracker.attempts.filter { $0.state == "completed" }.map { ($0.task, $0.attempt) }, "completed attempts")
      + twice(accepted, "accepted attempts")
  }

  private func twice(_ pairs: [(String, String)], _ what: String) -> [String] {
    let byTask = Dictionary(grouping: pairs, by: \.0)
    let isPerAttempt = what == "accepted attempts"
    return byTask.keys.sorted().compactMap { task in
      let attempts = (byTask[task] ?? []).map(\.1)
      // An acknowledgement may come twice for one attempt, a row may not.
      let count = isPerAttempt ? Set(attempts).count : attempts.count
      return count > 1 ? "I2: \(task) has \(count) \(what): \(attempts.sorted().joined(separator: ", "))" : nil
    }
  }

  /// I3: a result was turned away only where another is recorded or no one waits; and no two had different bits.
  private func late(_ history: History, _ tracker: FinalTracker) -> [String] {
    let closed = Set(tracker.results.map(\.task)).union(tracker.quarantined)
    let refused = history.events.compactMap { event -> String? in
      guard case .answered(_, let task, let attempt, .superseded) = event, !closed.contains(task) else { return nil }
      return "I3: \(task)@\(attempt) was turned away and no result is recorded"
    }
    return refused + tracker.alarms.map { "I3: two results of \($0) differ" }
  }

  /// I5: everything is over.
  private func over(_ tracker: FinalTracker) -> [String] {
    let closed = Set(tracker.results.map(\.task)).union(tracker.quarantined)
    return tasks.filter { !closed.contains($0) }.map { "I5: \($0) has neither a result nor a verdict" }
      + tracker.attempts.filter { $0.state == "running" }.map { "I5: \($0.task)@\($0.attempt) still has a lease" }
  }

  /// I10: the table is the undisturbed one.
  private func sameTable(_ tracker: FinalTracker) -> [String] {
    guard let undisturbed, undisturbed != tracker.lines else { return [] }
    let (expected, found) = (Set(undisturbed), Set(tracker.lines))
    let missing = undisturbed.first { !found.contains($0) } ?? "nothing"
    let extra = tracker.lines.first { !expected.contains($0) } ?? "nothing"
    return ["I10: the table differs from the undisturbed one: missing first \(missing); too much first \(extra)"]
  }

  /// I18: nothing is trained twice without need.
  private func wasted(_ history: History, _ tracker: FinalTracker) -> [String] {
    guard case .none = waste else { return [] }
    let trained = history.events.compactMap { event -> String? in
      guard case .training(_, let task, _) = event else { return nil }
      return task
    }
    let counts = Dictionary(grouping: trained, by: { $0 }).mapValues(\.count)
    return tasks.filter { counts[$0, default: 0] != 1 }.map {
      "I18: \($0) was trained \(counts[$0, default: 0]) times, expected once"
    }
  }
}
