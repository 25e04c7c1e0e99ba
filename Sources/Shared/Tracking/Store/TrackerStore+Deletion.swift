// SPDX-License-Identifier: Apache-2.0

import GRDB

/// What a deletion, its undoing or a vacuum is about.
package struct DeletionCount: Hashable, Sendable {
  package var sweeps = 0
  package var trials = 0
  package var results = 0
  /// Of the whole file, given back to its disk.
  package var bytes: Int64 = 0

  package init() {}
}

/// Deletion that can be undone until `vacuum`. Files of artifacts are never touched: they are named by content, and others may
/// have the same.
extension TrackerStore {
  /// Marks a sweep with its trials, or one trial, as deleted: no view and no page shows it from then on.
  ///
  /// - Throws: `.notFound` for what is not there, or is deleted already.
  @discardableResult
  package func delete(
    _ thing: TrackedThing, by author: String, at wallMilliseconds: Int64, isDryRun: Bool = false
  ) throws(TrackerError) -> DeletionCount {
    try write { database in
      let found = try self.found(thing, isDeleted: false, database)
      let count = try Self.count(found, isDeleted: false, database)
      guard !isDryRun else { return count }
      // The mark is the sweep's own: undeleting it brings back what went with it, and no trial that was deleted before.
      let earlier = try Int64.fetchOne(
        database, sql: "SELECT max(deleted_ms) FROM trial WHERE sweep_id = ?", arguments: [found.sweep])
      let mark = max(wallMilliseconds, (earlier ?? 0) + 1)
      if found.trial == nil {
        try database.run("UPDATE sweep SET deleted_ms = ? WHERE sweep_id = ?", mark, found.sweep)
      }
      try database.execute(
        sql:
          "UPDATE trial SET deleted_ms = ? WHERE sweep_id = ? AND deleted_ms IS NULL AND (? IS NULL OR trial_id = ?)",
        arguments: [mark, found.sweep, found.trial, found.trial])
      trialRows = [:]
      try Schema.countSweep(database, only: found.sweep)
      try event(database, wallMilliseconds, .warning, "deleted", "\(thing)", "by \(author); undelete brings it back")
      return count
    }
  }

  /// - Throws: `.notFound` for what is not deleted; `.refused` for a trial of a deleted sweep.
  @discardableResult
  package func undelete(
    _ thing: TrackedThing, by author: String, at wallMilliseconds: Int64, isDryRun: Bool = false
  ) throws(TrackerError) -> DeletionCount {
    try write { database in
      let found = try self.found(thing, isDeleted: true, database)
      let count = try Self.count(found, isDeleted: true, database)
      guard !isDryRun else { return count }
      try database.execute(
        sql: """
          UPDATE trial SET deleted_ms = NULL WHERE sweep_id = ? AND CASE WHEN ? IS NULL
            THEN deleted_ms = (SELECT deleted_ms FROM sweep WHERE sweep_id = ?) ELSE trial_id = ? END
          """, arguments: [found.sweep, found.trial, found.sweep, found.trial])
      if found.trial == nil { try database.run("UPDATE sweep SET deleted_ms = NULL WHERE sweep_id = ?", found.sweep) }
      trialRows = [:]
      try Schema.countSweep(database, only: found.sweep)
      try event(database, wallMilliseconds, .info, "undeleted", "\(thing)", "by \(author)")
      return count
    }
  }

  /// Takes what is deleted out of the file for good, with data sets that no sweep uses, and gives the space back.
  @discardableResult
  package func vacuum(
    by author: String, at wallMilliseconds: Int64, isDryRun: Bool = false
  ) throws(TrackerError) -> DeletionCount {
    let path = path
    var count = try write { database in
      var count = DeletionCount()
      func number(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
      count.sweeps = try number("SELECT count(*) FROM sweep WHERE deleted_ms IS NOT NULL")
      count.trials = try number("SELECT count(*) FROM trial WHERE deleted_ms IS NOT NULL")
      count.results = try number(
        "SELECT count(*) FROM result WHERE trial_id IN (SELECT trial_id FROM trial WHERE deleted_ms IS NOT NULL)")
      guard !isDryRun, count.trials + count.sweeps > 0 else { return count }
      try database.execute(sql: Self.removal)
      try self.event(
        database, wallMilliseconds, .warning, "vacuumed", "tracker",
        "by \(author): \(count.sweeps) sweeps, \(count.trials) trials and \(count.results) results are gone for good")
      return count
    }
    guard !isDryRun else { return count }
    trialRows = [:]
    openAttempts = [:]
    let before = FileSystemKind.byteCount(path)
    let queue = queue
    try tracking(path) {
      try queue.vacuum()
      try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    }
    count.bytes = max(0, before - FileSystemKind.byteCount(path))
    return count
  }

  private typealias Found = (sweep: Int64, trial: Int64?)

  private func found(_ thing: TrackedThing, isDeleted: Bool, _ database: Database) throws -> Found {
    let sweep = try Row.fetchOne(
      database, sql: "SELECT sweep_id, deleted_ms IS NOT NULL FROM sweep WHERE name = ?", arguments: [thing.sweep])
    guard let sweep else { throw TrackerError(code: .notFound, path: path, detail: "no sweep \(thing.sweep)") }
    func demand(_ isMarked: Bool) throws {
      guard isMarked != isDeleted else { return }
      throw TrackerError(
        code: .notFound, path: path, detail: "\(thing) is \(isMarked ? "deleted already" : "not deleted")")
    }
    guard let number = thing.trial else {
      try demand(sweep[1])
      return (sweep[0], nil)
    }
    guard !(sweep[1] as Bool) else {
      throw TrackerError(
        code: .refused, path: path, detail: "\(thing): its sweep is deleted; muster tracker undelete \(thing.sweep)")
    }
    let trial = try Row.fetchOne(
      database, sql: "SELECT trial_id, deleted_ms IS NOT NULL FROM trial WHERE sweep_id = ? AND number = ?",
      arguments: [sweep[0] as Int64, number])
    guard let trial else { throw TrackerError(code: .notFound, path: path, detail: "no trial \(thing)") }
    try demand(trial[1])
    return (sweep[0], trial[0])
  }

  private static func count(_ found: Found, isDeleted: Bool, _ database: Database) throws -> DeletionCount {
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT count(*), sum((SELECT count(*) FROM result r WHERE r.trial_id = t.trial_id)) FROM trial t
        JOIN sweep s ON s.sweep_id = t.sweep_id WHERE t.sweep_id = ? AND CASE WHEN ? IS NULL
          THEN t.deleted_ms IS s.deleted_ms ELSE t.trial_id = ? END
        """, arguments: [found.sweep, found.trial, found.trial])
    var count = DeletionCount()
    count.sweeps = found.trial == nil ? 1 : 0
    count.trials = row?[0] ?? 0
    count.results = (row?[1] as Int?) ?? 0
    return count
  }

  /// Children before what they point at.
  private static let removal: String = {
    let trials = "trial_id IN (SELECT trial_id FROM trial WHERE deleted_ms IS NOT NULL)"
    let sweeps = "sweep_id IN (SELECT sweep_id FROM sweep WHERE deleted_ms IS NOT NULL)"
    let unused = "dataset_id NOT IN (SELECT dataset_id FROM sweep)"
    let ofTrials = [
      "fold_scores", "curve_point", "fold_metric", "artifact", "result", "attempt", "trial_metric", "trial_param",
      "quarantine", "tag", "note",
    ].map { "DELETE FROM \($0) WHERE \(trials);" }
    let ofSweeps = ["request", "tag", "note", "imported_sweep", "sweep_total"].map {
      "DELETE FROM \($0) WHERE \(sweeps);"
    }
    return
      (ofTrials + [
        """
        UPDATE sweep SET trials_vacuumed = trials_vacuumed
          + (SELECT count(*) FROM trial t WHERE t.sweep_id = sweep.sweep_id AND t.deleted_ms IS NOT NULL);
        DELETE FROM trial WHERE deleted_ms IS NOT NULL;
        """
      ] + ofSweeps + [
        """
        DELETE FROM sweep WHERE deleted_ms IS NOT NULL;
        DELETE FROM dataset_flow WHERE \(unused);
        DELETE FROM dataset_column WHERE \(unused);
        DELETE FROM dataset WHERE \(unused);
        """
      ]).joined(separator: "\n")
  }()
}
