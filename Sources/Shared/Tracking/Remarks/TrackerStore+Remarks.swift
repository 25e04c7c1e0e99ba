// SPDX-License-Identifier: Apache-2.0

import GRDB

/// A sweep, or one of its trials.
package struct TrackedThing: Hashable, Sendable, CustomStringConvertible {
  package let sweep: String
  package let trial: Int?

  package init(sweep: String, trial: Int?) {
    self.sweep = sweep
    self.trial = trial
  }

  /// "NAME" or "NAME#NUMBER".
  package init?(_ text: String) {
    let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, !name.isEmpty else { return nil }
    sweep = String(name)
    guard parts.count == 2 else {
      trial = nil
      return
    }
    guard let number = Int(parts[1]), number >= 0 else { return nil }
    trial = number
  }

  package var description: String { trial.map { "\(sweep)#\($0)" } ?? sweep }
}

/// What people say of sweeps and trials.
extension TrackerStore {
  /// Sets a tag, or takes it off where the value is `nil`.
  ///
  /// - Throws: `.notFound` for a sweep, a trial or (taking off) a tag that is not there.
  package func tag(
    _ thing: TrackedThing, name: String, value: String?, at wallMilliseconds: Int64
  ) throws(TrackerError) {
    try checkLength(name, 1...100, "a tag's name")
    try write { database in
      let (sweep, trial) = try ids(of: thing, database)
      guard let value else {
        try database.execute(
          sql: "DELETE FROM tag WHERE sweep_id = ? AND ifnull(trial_id, 0) = ? AND name = ?",
          arguments: [sweep, trial ?? 0, name])
        guard database.changesCount == 1 else {
          throw TrackerError(code: .notFound, path: path, detail: "\(thing) has no tag \(name)")
        }
        return
      }
      try checkLength(value, 0...1_000, "a tag's value")
      try database.execute(
        sql: """
          INSERT INTO tag(sweep_id, trial_id, name, value, set_ms) VALUES(?, ?, ?, ?, ?)
          ON CONFLICT(sweep_id, ifnull(trial_id, 0), name) DO UPDATE SET value = excluded.value, set_ms = excluded.set_ms
          """, arguments: [sweep, trial, name, value, wallMilliseconds])
    }
  }

  package func note(
    _ thing: TrackedThing, text: String, author: String, at wallMilliseconds: Int64
  ) throws(TrackerError) {
    try checkLength(text, 1...10_000, "a note")
    try write { database in
      let (sweep, trial) = try ids(of: thing, database)
      try database.execute(
        sql: "INSERT INTO note(sweep_id, trial_id, author, text, at_ms) VALUES(?, ?, ?, ?, ?)",
        arguments: [sweep, trial, author, text, wallMilliseconds])
    }
  }

  private func ids(of thing: TrackedThing, _ database: Database) throws -> (sweep: Int64, trial: Int64?) {
    let sweep = try Int64.fetchOne(
      database, sql: "SELECT sweep_id FROM sweep WHERE name = ?", arguments: [thing.sweep])
    guard let sweep else { throw TrackerError(code: .notFound, path: path, detail: "no sweep \(thing.sweep)") }
    guard let number = thing.trial else { return (sweep, nil) }
    let trial = try Int64.fetchOne(
      database, sql: "SELECT trial_id FROM trial WHERE sweep_id = ? AND number = ?", arguments: [sweep, number])
    guard let trial else { throw TrackerError(code: .notFound, path: path, detail: "no trial \(thing)") }
    return (sweep, trial)
  }

  private func checkLength(_ text: String, _ range: ClosedRange<Int>, _ what: String) throws(TrackerError) {
    let count = text.unicodeScalars.count
    guard !range.contains(count) else { return }
    throw TrackerError(
      code: .refused, path: path,
      detail: "\(what): expected \(range.lowerBound) to \(range.upperBound) characters, found \(count)")
  }
}
