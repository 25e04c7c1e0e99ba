// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// What happened in a sweep, by the words of those who took part: one line an event, kept as a file when a check fails.
///
///     training w0 1#7/f2/r0@3.14
///     answered w0 1#7/f2/r0@3.14 accepted
///     fault kill -9 coordinator
struct History: Hashable, Sendable {
  enum Event: Hashable, Sendable {
    case training(worker: String, task: String, attempt: String)
    case answered(worker: String, task: String, attempt: String, CoordinatorMessage.Verdict)
    case fault(String)
  }

  var events: [Event] = []

  var text: String { events.map { Self.line($0) + "\n" }.joined() }

  init(events: [Event] = []) { self.events = events }

  /// The inverse of `text`; lines of other kinds are passed over.
  init(text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if words.first == "fault" {
        events.append(.fault(words.dropFirst().joined(separator: " ")))
      } else if words.count == 3, words[0] == "training", let (task, attempt) = Self.parse(words[2]) {
        events.append(.training(worker: words[1], task: task, attempt: attempt))
      } else if words.count == 4, words[0] == "answered", let (task, attempt) = Self.parse(words[2]),
        let verdict = CoordinatorMessage.Verdict(rawValue: words[3])
      {
        events.append(.answered(worker: words[1], task: task, attempt: attempt, verdict))
      }
    }
  }

  /// Adds what a worker's log says. A line that a kill cut short is no event.
  mutating func add(log: String, of worker: String) {
    for line in log.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      guard words.count >= 2 else { continue }
      let (last, before) = (words[words.count - 1], words[words.count - 2])
      if before == "training", let (task, attempt) = Self.parse(last) {
        events.append(.training(worker: worker, task: task, attempt: attempt))
      } else if let verdict = CoordinatorMessage.Verdict(rawValue: last), let (task, attempt) = Self.parse(before) {
        events.append(.answered(worker: worker, task: task, attempt: attempt, verdict))
      }
    }
  }

  /// `1#7/f2/r0@3.14` as task and attempt.
  static func parse(_ word: String) -> (task: String, attempt: String)? {
    let parts = word.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].contains("#"), parts[1].contains(".") else { return nil }
    return (String(parts[0]), String(parts[1]))
  }

  private static func line(_ event: Event) -> String {
    switch event {
    case .training(let worker, let task, let attempt): "training \(worker) \(task)@\(attempt)"
    case .answered(let worker, let task, let attempt, let verdict):
      "answered \(worker) \(task)@\(attempt) \(verdict.rawValue)"
    case .fault(let text): "fault \(text)"
    }
  }
}

/// The tracker as it is found at the end.
struct FinalTracker: Hashable, Sendable {
  struct Row: Hashable, Sendable {
    let task: String
    let attempt: String
    /// Of an attempt; "result" for a recorded result.
    let state: String
  }

  var results: [Row] = []
  var attempts: [Row] = []
  var quarantined: [String] = []
  /// Attempts whose second result had other bits.
  var alarms: [String] = []
  /// Everything deterministic, a line a fact.
  var lines: [String] = []
}
