// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// The other metrics that a sweep file asks to see (`objective.also`), as means over folds.
struct BoardMetrics {
  let titles: [String]
  private let values: [Int: [String]]

  private static let limit = 6

  init(_ reader: TrackerReader, _ sweep: SweepFacts, trials: [Int]) throws {
    let names = try reader.query(
      "SELECT j.value AS name FROM sweep s, json_each(s.spec, '$.objective.also') j WHERE s.sweep_id = :sweep LIMIT \(Self.limit)",
      ["sweep": .integer(Int64(sweep.id))]
    ).map { $0.text("name") }.filter { $0 != sweep.metric }
    titles = names.map { ($0.split(separator: "/").last.map(String.init) ?? $0).uppercased() }
    var means: [Int: [String: Double]] = [:]
    if !names.isEmpty {
      try reader.query(
        """
        SELECT m.trial_id, n.name, m.mean FROM json_each(:ids) j JOIN trial_metric m ON m.trial_id = j.value
          JOIN metric n ON n.metric_id = m.metric_id
        """, ["ids": CurveMetrics.list(trials)]
      ).each { row in means[row.int("trial_id") ?? 0, default: [:]][row.text("name")] = row.real("mean") }
    }
    values = means.mapValues { mean in names.map { Digits.fixed(mean[$0], 4) } }
  }

  func values(of trial: Int) -> [String] { values[trial] ?? titles.map { _ in "–" } }
}
