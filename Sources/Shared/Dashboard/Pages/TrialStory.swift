// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// Every attempt at a trial's folds in time: leased, lost, leased again.
struct TrialStory {
  struct Attempt {
    let fold: Int
    let state: String
    let message: String
    let worker: String
    let startedMilliseconds: Int
    let endedMilliseconds: Int?
    let cpuSeconds: Double?
    let memoryMiB: Double?
    let resumedStep: Int
  }

  private let attempts: [Attempt]

  init(_ reader: TrackerReader, _ trial: TrialPage.Trial) throws {
    attempts = try reader.query(
      """
      SELECT a.*, w.name AS worker, w.host FROM attempt a LEFT JOIN worker w ON w.worker_id = a.worker_id
      WHERE a.trial_id = :trial ORDER BY a.started_ms, a.attempt_id LIMIT 2000
      """, ["trial": .integer(Int64(trial.id))]
    ).map { row in
      Attempt(
        fold: row.int("fold") ?? 0, state: row.text("state"), message: row.text("message"),
        worker: row.string("worker").map { "\($0) on \(row.text("host"))" } ?? "unknown",
        startedMilliseconds: row.int("started_ms") ?? 0, endedMilliseconds: row.int("ended_ms"),
        cpuSeconds: row.real("cpu_ms").map { $0 / 1_000 },
        memoryMiB: row.real("rss_peak_bytes").map { $0 / 1_048_576 }, resumedStep: row.int("resumed_step") ?? 0)
    }
  }

  /// The attempt that gave the fold's result, or else the newest.
  func last(_ fold: Int) -> Attempt? {
    let mine = attempts.filter { $0.fold == fold }
    return mine.last { $0.state == "completed" } ?? mine.last
  }

  func draw(into body: inout Markup) {
    guard let start = attempts.first?.startedMilliseconds else { return body.nothing("Not tried yet.") }
    body.element("ol", ["class": "story"]) { list in
      for (index, attempt) in attempts.enumerated() {
        let before = attempts[..<index].filter { $0.fold == attempt.fold }.count
        list.element("li", ["class": "s-\(known(attempt.state))"]) { item in
          item.element(
            "time", text: "+" + Digits.duration(seconds: Double(attempt.startedMilliseconds - start) / 1_000))
          item.write(" fold \(attempt.fold) leased\(before > 0 ? " again" : "") to \(attempt.worker)")
          if attempt.resumedStep > 0 { item.write(", from its checkpoint at step \(attempt.resumedStep)") }
          item.literal(": ")
          item.state(attempt.state)
          if let ended = attempt.endedMilliseconds {
            item.write(" after " + Digits.duration(seconds: Double(ended - attempt.startedMilliseconds) / 1_000))
          }
          if !attempt.message.isEmpty { item.element("q", text: attempt.message) }
        }
      }
    }
  }
}
