// SPDX-License-Identifier: Apache-2.0

import Reporting
package import Tracking

/// What a tracker says to Prometheus: sweeps by state, results, attempts by exit, the file itself.
///
/// Read from the tables, so it is right whoever runs and whoever has restarted; the newest 100 sweeps, so that the number of
/// series is bounded.
package struct TrackerMetrics {
  private let reader: TrackerReader
  private let version: String

  package init(_ reader: TrackerReader, version: String) { (self.reader, self.version) = (reader, version) }

  private static let newest = "(SELECT sweep_id FROM sweep ORDER BY sweep_id DESC LIMIT 100)"

  package func text() throws -> String {
    var text = MetricText()
    text.family(
      "muster_build_info", .gauge, "Version of the program that serves this, and the schema of its tracker.",
      [(labels: [("version", version), ("schema", "\(reader.schemaVersion)")], value: 1)])
    text.number(
      "muster_coordinator_running", .gauge, "1 while a coordinator has the tracker's lock.",
      trackerIsInUse(reader.path) ? 1 : 0)
    let coordinator = try reader.query("SELECT epoch, started_ms / 1000.0 AS started FROM coordinator").first
    text.number(
      "muster_coordinator_starts_total", .counter, "Starts of a coordinator on this tracker: its epoch.",
      coordinator?.real("epoch"))
    text.number(
      "muster_coordinator_start_time_seconds", .gauge, "When the last coordinator started, in seconds since 1970.",
      coordinator?.real("started"))
    let sizes = reader.byteCounts
    text.number("muster_tracker_size_bytes", .gauge, "Size of the tracker's file.", Double(sizes.file))
    text.number("muster_tracker_log_size_bytes", .gauge, "Size of the tracker's write-ahead log.", Double(sizes.log))
    try sweeps(into: &text)
    try attempts(into: &text)
    text.family(
      "muster_workers", .gauge, "Worker processes by whether they have left.",
      try series(
        "SELECT iif(left_ms IS NULL, 'present', 'left') AS state, count(*) AS n FROM worker GROUP BY 1", ["state"]))
    text.family(
      "muster_events_total", .counter, "Rows of table event by severity.",
      try series("SELECT severity, count(*) AS n FROM event GROUP BY 1", ["severity"]))
    return text.text
  }

  private func sweeps(into text: inout MetricText) throws {
    text.family(
      "muster_sweep_running", .gauge, "1 while the sweep is recorded as running.",
      try series("SELECT name AS sweep, state = 'running' AS n FROM sweep WHERE sweep_id IN \(Self.newest)", ["sweep"]))
    text.family(
      "muster_sweep_trials", .gauge, "Trials by state.",
      try series(
        """
        SELECT s.name AS sweep, t.state, count(*) AS n FROM trial t JOIN sweep s ON s.sweep_id = t.sweep_id
        WHERE t.sweep_id IN \(Self.newest) GROUP BY t.sweep_id, t.state
        """, ["sweep", "state"]))
    text.family(
      "muster_sweep_best_objective", .gauge, "Best objective of a completed trial.",
      try series("SELECT sweep, metric, best AS n FROM sweeps WHERE sweep_id IN \(Self.newest)", ["sweep", "metric"]))
    let results = "FROM sweep s JOIN \(totals) c ON c.sweep_id = s.sweep_id WHERE c.folds > 0"
    text.family(
      "muster_sweep_results_total", .counter, "Folds with a recorded result.",
      try series("SELECT s.name AS sweep, c.folds AS n \(results)", ["sweep"]))
    text.family(
      "muster_sweep_last_result_timestamp_seconds", .gauge, "When the last result was recorded, in seconds since 1970.",
      try series("SELECT s.name AS sweep, c.last_result_ms / 1000.0 AS n \(results)", ["sweep"]))
    text.family(
      "muster_sweep_quarantined_tasks", .gauge, "Folds that were given up.",
      try series(
        """
        SELECT s.name AS sweep, (SELECT count(*) FROM quarantine q JOIN trial t ON t.trial_id = q.trial_id
          WHERE q.lifted_after IS NULL AND t.sweep_id = s.sweep_id) AS n FROM sweep s WHERE s.sweep_id IN \(Self.newest)
        """, ["sweep"]))
  }

  /// Kept by the writer; counted where an older one did not.
  private var totals: String {
    guard reader.schemaVersion < 8 else { return "(SELECT * FROM sweep_total WHERE sweep_id IN \(Self.newest))" }
    return """
      (SELECT t.sweep_id, count(*) AS folds, max(r.recorded_ms) AS last_result_ms FROM trial t
        JOIN result r ON r.trial_id = t.trial_id WHERE t.sweep_id IN \(Self.newest) GROUP BY t.sweep_id)
      """
  }

  private func attempts(into text: inout MetricText) throws {
    let joined = "FROM attempt a JOIN trial t ON t.trial_id = a.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id"
    text.family(
      "muster_sweep_attempts_total", .counter, "Attempts by how they ended.",
      try series(
        """
        SELECT s.name AS sweep, a.state AS exit, count(*) AS n \(joined)
        WHERE a.state <> 'running' AND t.sweep_id IN \(Self.newest) GROUP BY t.sweep_id, a.state
        """, ["sweep", "exit"]))
    text.family(
      "muster_sweep_leases", .gauge, "Attempts that are running.",
      try series(
        """
        SELECT s.name AS sweep, sum(a.state = 'running') AS n \(joined) WHERE t.sweep_id IN \(Self.newest)
        GROUP BY t.sweep_id
        """, ["sweep"]))
    text.family(
      "muster_sweep_training_cpu_seconds_total", .counter, "CPU time of recorded results.",
      try series(
        """
        SELECT s.name AS sweep, coalesce(sum(a.cpu_ms), 0) / 1000.0 AS n \(joined) WHERE t.sweep_id IN \(Self.newest)
        GROUP BY t.sweep_id
        """, ["sweep"]))
  }

  private func series(_ sql: String, _ labels: [String]) throws -> [(labels: [(String, String)], value: Double?)] {
    try reader.query(sql).map { row in (labels: labels.map { ($0, row.text($0)) }, value: row.real("n")) }
  }
}
