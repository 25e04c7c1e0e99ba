// SPDX-License-Identifier: Apache-2.0

import Tracking

/// Completed trials of one learner with their values: at most two thousand, evenly over the sweep.
struct BranchTrials {
  let learner: String
  /// Ascending by number; each has a score.
  let objectives: [Double]
  /// By parameter, a value a trial.
  private let values: [String: [SQLTable.Value]]

  init(_ reader: TrackerReader, _ sweep: SweepFacts, learner: String) throws {
    self.learner = learner
    let rows = try reader.query(
      """
      WITH chosen AS (
        SELECT trial_id, number, objective, row_number() OVER (ORDER BY number) AS place, count(*) OVER () AS every
        FROM trial WHERE sweep_id = :sweep AND learner = :learner AND state = 'completed' AND objective IS NOT NULL)
      SELECT c.number, c.objective, p.name, p.value
      FROM chosen c JOIN trial_param p ON p.trial_id = c.trial_id
      WHERE c.every <= 2000 OR c.place % (c.every / 2000 + 1) = 0 ORDER BY c.number, p.name
      """, ["sweep": .integer(Int64(sweep.id)), "learner": .text(learner)])
    var (objectives, values, last) = ([Double](), [String: [SQLTable.Value]](), -1)
    for row in rows.rows {
      guard let number = row[0].integer, let objective = row[1].real else { continue }
      if number != last {
        objectives.append(objective)
        last = number
      }
      let name = row[2].text
      // A parameter that some trials lack is no axis of this branch.
      values[name, default: []].append(row[3])
    }
    self.objectives = objectives
    self.values = values.filter { $0.value.count == objectives.count }
  }

  func numbers(_ name: String) -> [Double]? {
    guard let column = values[name] else { return nil }
    let numbers = column.compactMap(\.real)
    return numbers.count == column.count ? numbers : nil
  }

  func words(_ name: String) -> [String]? { values[name]?.map(\.text) }

  /// A bin a trial, and the bins' names.
  func bins(_ parameter: ParameterTable.Parameter, count: Int = 6) -> (groups: [Int], names: [String])? {
    if !parameter.isWords, let numbers = numbers(parameter.name) {
      let groups = ParameterImportance.bins(numbers, count: count)
      let names = (0...(groups.max() ?? 0)).map { bin in
        let inside = zip(groups, numbers).filter { $0.0 == bin }.map(\.1)
        return range(inside.min(), inside.max())
      }
      return (groups, names)
    }
    guard let words = words(parameter.name) else { return nil }
    let names = Array(Set(words)).sorted()
    return (words.map { names.firstIndex(of: $0) ?? 0 }, names)
  }

  private func range(_ low: Double?, _ high: Double?) -> String {
    low == high ? short(low) : "\(short(low))…\(short(high))"
  }
}
