// SPDX-License-Identifier: Apache-2.0

import GRDB

/// A trial's value on one held-out fold.
package struct FoldValue: Hashable, Sendable {
  package let fold: Int
  package let rung: Int
  package let value: Double?
  package let trainRowCount: Int
  package let validRowCount: Int
}

/// A sweep's data and fold plan: trials of two sweeps share their folds where these are equal.
package struct FoldOrigin: Hashable, Sendable {
  package let dataset: String
  package let plan: String
}

/// The views for people, as docs/Tracker.md lists them.
extension TrackerReader {
  /// One query with its arguments.
  func table(_ sql: String, _ arguments: StatementArguments = []) throws(TrackerError) -> SQLTable {
    try demandViews()
    return try read { database in
      let statement = try database.makeStatement(sql: sql)
      let rows = try Row.fetchAll(statement, arguments: arguments)
      return SQLTable(
        columns: statement.columnNames, rows: rows.map { row in row.databaseValues.map { SQLTable.Value($0) } })
    }
  }

  package func demandViews() throws(TrackerError) {
    guard schemaVersion >= 3 else {
      throw TrackerError(
        code: .schemaOlder, path: path,
        detail: "expected schema 3 or later, found \(schemaVersion); run muster tracker migrate (it keeps a backup)")
    }
  }

  /// Rows of a view that belong to a sweep, or to one trial of it. `view` and `order` are this program's own words.
  package func rows(
    of view: String, _ thing: TrackedThing, order: String, limit: Int = -1
  ) throws(TrackerError) -> SQLTable {
    try table(
      "SELECT * FROM \(view) WHERE sweep = ? AND (? IS NULL OR trial = ?) ORDER BY \(order) LIMIT ?",
      [thing.sweep, thing.trial, thing.trial, limit])
  }

  /// - Parameter name: of the only sweep wanted.
  package func sweepsTable(named name: String? = nil) throws(TrackerError) -> SQLTable {
    try table("SELECT * FROM sweeps WHERE ? IS NULL OR sweep = ? ORDER BY sweep_id", [name, name])
  }

  /// What a sweep's learners reached, best first.
  package func learners(of sweep: SweepSummary) throws(TrackerError) -> SQLTable {
    try table(
      """
      SELECT learner, count(*) AS trials, sum(state = 'completed') AS completed, sum(state = 'pruned') AS pruned,
        sum(state = 'failed') AS failed,
        CASE ? WHEN 1 THEN max(objective) ELSE min(objective) END AS best
      FROM trials WHERE sweep = ? GROUP BY learner ORDER BY best IS NULL, CASE ? WHEN 1 THEN -best ELSE best END
      """, [sweep.isMaximized, sweep.name, sweep.isMaximized])
  }

  /// (fold, step, value), ascending.
  package func curve(of thing: TrackedThing, metric: String, fold: Int?) throws(TrackerError) -> SQLTable {
    try table(
      """
      SELECT fold, step, value FROM learning_curves
      WHERE sweep = ? AND trial = ? AND metric = ? AND (? IS NULL OR fold = ?) ORDER BY fold, rung, step
      """, [thing.sweep, thing.trial, metric, fold, fold])
  }

  package func foldValues(of thing: TrackedThing, metric: String) throws(TrackerError) -> [FoldValue] {
    try demandViews()
    return try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT m.fold, m.rung, m.value, r.n_train, r.n_valid FROM fold_metrics m
          JOIN result r ON r.trial_id = m.trial_id AND r.fold = m.fold AND r.rung = m.rung
          WHERE m.sweep = ? AND m.trial = ? AND m.metric = ? ORDER BY m.fold, m.rung
          """, arguments: [thing.sweep, thing.trial, metric]
      ).map { row in
        FoldValue(
          fold: row["fold"], rung: row["rung"], value: row["value"], trainRowCount: row["n_train"],
          validRowCount: row["n_valid"])
      }
    }
  }

  package func foldOrigin(of sweep: SweepSummary) throws(TrackerError) -> FoldOrigin {
    let found = try read { database in
      try Row.fetchOne(
        database,
        sql: """
          SELECT d.digest, s.cv_scheme || ' ' || s.n_folds || 'x' || s.n_repeats || ' seed ' || s.cv_seed AS plan
          FROM sweep s JOIN dataset d ON d.dataset_id = s.dataset_id WHERE s.sweep_id = ?
          """, arguments: [sweep.id]
      ).map { FoldOrigin(dataset: $0["digest"], plan: $0["plan"]) }
    }
    guard let found else { throw TrackerError(code: .notFound, path: path, detail: "no sweep \(sweep.name)") }
    return found
  }

  /// Metrics that a trial has curves of, and those it has values of on folds.
  package func metrics(of thing: TrackedThing) throws(TrackerError) -> (curves: [String], folds: [String]) {
    func names(_ view: String) throws(TrackerError) -> [String] {
      try table(
        "SELECT DISTINCT metric FROM \(view) WHERE sweep = ? AND trial = ? ORDER BY metric", [thing.sweep, thing.trial]
      ).rows.map { $0[0].text }
    }
    return (try names("learning_curves"), try names("fold_metrics"))
  }

  /// A whole copy as of now, also while a coordinator writes. What is in the way is not overwritten.
  package func backUp(to target: String) throws(TrackerError) {
    try tracking(target) { try TrackerCopy.make(of: queue, at: target) }
  }
}
