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

  /// What varies at all varies within the first and the last thousand trials.
  init(_ reader: TrackerReader, _ sweep: SweepFacts) throws {
    (self.reader, self.sweep) = (reader, sweep)
    varying = try reader.query(
      """
      SELECT t.learner, p.name, count(DISTINCT p.value) AS kinds, sum(typeof(p.value) = 'text') AS words,
        min(iif(typeof(p.value) = 'text', NULL, p.value)) AS low, max(iif(typeof(p.value) = 'text', NULL, p.value)) AS high
      FROM trial t JOIN trial_param p ON p.trial_id = t.trial_id
      WHERE t.sweep_id = :sweep AND (t.number < 1000 OR t.number >= :trials - 1000)
      GROUP BY t.learner, p.name HAVING kinds > 1 ORDER BY t.learner, p.name
      """, ["sweep": .integer(Int64(sweep.id)), "trials": .integer(Int64(sweep.trials))]
    ).map { row in
      Parameter(
        learner: row.text("learner"), name: row.text("name"), isWords: (row.int("words") ?? 0) > 0,
        low: row.real("low") ?? 0, high: row.real("high") ?? 0)
    }
  }

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
