// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// The parameters that a sweep varies, learner by learner.
struct ParameterTable {
  struct Parameter: Hashable {
    let learner: String
    let name: String
    /// Values are words (or flags); else numbers.
    let isWords: Bool
    let low: Double
    let high: Double
    /// Over more than two decades: even steps would put all in one corner.
    var isLogarithmic: Bool { !isWords && low > 0 && high / low > 50 }
  }

  private let reader: TrackerReader
  private let sweep: SweepFacts
  /// Ascending by learner and name.
  let varying: [Parameter]
  /// All, also those of which nothing varies; ascending.
  let allLearners: [String]

  /// What varies at all varies within the first and the last hundred trials.
  init(_ reader: TrackerReader, _ sweep: SweepFacts) throws {
    (self.reader, self.sweep) = (reader, sweep)
    // By number: where some are deleted, the last one's is not the count.
    let last =
      try reader.query(
        "SELECT max(number) AS last FROM trial WHERE sweep_id = :sweep", ["sweep": .integer(Int64(sweep.id))]
      ).first?.int("last") ?? 0
    let arguments: [String: SQLTable.Value] = [
      "sweep": .integer(Int64(sweep.id)), "late": .integer(Int64(max(100, last - 99))),
    ]
    allLearners = try reader.query("SELECT DISTINCT learner FROM \(Self.sample) ORDER BY learner", arguments)
      .rows.map { $0[0].text }
    varying = try reader.query(
      """
      SELECT t.learner, p.name, sum(typeof(p.value) = 'text') AS words,
        min(iif(typeof(p.value) = 'text', NULL, p.value)) AS low, max(iif(typeof(p.value) = 'text', NULL, p.value)) AS high
      FROM \(Self.sample) t
        CROSS JOIN trial_param p ON p.trial_id = t.trial_id
      GROUP BY t.learner, p.name HAVING min(p.value) <> max(p.value) ORDER BY t.learner, p.name
      """, arguments
    ).map { row in
      Parameter(
        learner: row.text("learner"), name: row.text("name"), isWords: (row.int("words") ?? 0) > 0,
        low: row.real("low") ?? 0, high: row.real("high") ?? 0)
    }
  }

  private static let sample = """
    (SELECT trial_id, learner FROM trial WHERE sweep_id = :sweep AND number < 100
      UNION ALL SELECT trial_id, learner FROM trial WHERE sweep_id = :sweep AND number >= :late)
    """

  var learners: [String] {
    var all: [String] = []
    for parameter in varying where !all.contains(parameter.learner) { all.append(parameter.learner) }
    return all
  }

  /// "leaves=31 learning_rate=0.05" by trial: only what varies.
  func words(of ids: [Int]) throws -> [Int: String] {
    var words: [Int: [String]] = [:]
    try reader.query(
      """
      SELECT p.trial_id, t.learner, p.name, p.value FROM json_each(:ids) j
        JOIN trial t ON t.trial_id = j.value JOIN trial_param p ON p.trial_id = t.trial_id ORDER BY p.trial_id, p.name
      """, ["ids": .text("[" + ids.map { "\($0)" }.joined(separator: ",") + "]")]
    ).each { row in
      let (learner, name) = (row.text("learner"), row.text("name"))
      guard let id = row.int("trial_id"), varying.contains(where: { $0.learner == learner && $0.name == name })
      else { return }
      words[id, default: []].append("\(name)=\(row.real("value").map { Digits.short($0) } ?? row.text("value"))")
    }
    return words.mapValues { $0.joined(separator: " ") }
  }
}
