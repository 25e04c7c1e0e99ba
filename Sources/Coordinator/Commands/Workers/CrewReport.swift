// SPDX-License-Identifier: Apache-2.0

import Access
import Launching
import Reporting
import Sockets
import Tracking

/// The workers of a rendezvous as the schedulers and the tracker know them.
struct CrewReport {
  struct Line {
    let worker: EngineWorker?
    let name: String
    let host: String
    /// "running", "waiting", "leaving", or "elsewhere" for one that no engine of ours started.
    let state: String
    /// What the tracker knows: joined, left, or not yet.
    let joined: Bool
    let task: String
    let completed: Int64
    let note: String
  }

  let lines: [Line]
  let coordinator: Rendezvous?

  /// - Parameter tracker: `nil` where it is on another machine.
  init(rendezvous: String, book: LaunchBook, tracker: String?) throws {
    coordinator = try? Rendezvous(path: rendezvous)
    let engineWorkers = try asCommand { try book.survey() }
    let joined = try tracker.map(Self.joinedWorkers) ?? [:]
    var lines = engineWorkers.map { worker in
      let row = worker.state == .waiting ? nil : joined[worker.name]
      return Line(
        worker: worker, name: worker.name, host: worker.host.isEmpty ? row?.host ?? "" : worker.host,
        state: worker.state.rawValue, joined: row != nil, task: row?.task ?? "", completed: row?.completed ?? 0,
        note: worker.note)
    }
    let known = Set(engineWorkers.map(\.name))
    for (name, row) in joined.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
      lines.append(
        Line(
          worker: nil, name: name, host: row.host, state: "elsewhere", joined: true, task: row.task,
          completed: row.completed, note: ""))
    }
    self.lines = lines
  }

  var busy: Set<String> { Set(lines.filter { !$0.task.isEmpty }.map(\.name)) }

  private struct Row {
    let host: String
    let task: String
    let completed: Int64
  }

  /// Workers that joined the coordinator's last start and have not left, by name; the newest process of each name.
  private static func joinedWorkers(_ tracker: String) throws -> [String: Row] {
    let table = try asCommand {
      try TrackerReader(path: tracker).sql(
        """
        SELECT w.name, w.host,
          coalesce((SELECT s.name || '#' || t.number || '/f' || a.fold FROM attempt a
            JOIN trial t ON t.trial_id = a.trial_id JOIN sweep s ON s.sweep_id = t.sweep_id
            WHERE a.worker_id = w.worker_id AND a.state = 'running' ORDER BY a.attempt_id LIMIT 1), ''),
          (SELECT count(*) FROM attempt a WHERE a.worker_id = w.worker_id AND a.state = 'completed')
        FROM worker w WHERE w.left_ms IS NULL ORDER BY w.worker_id
        """)
    }
    var rows: [String: Row] = [:]
    for row in table.rows where row.count == 4 {
      guard case .text(let name) = row[0] else { continue }
      let completed: Int64 = if case .integer(let count) = row[3] { count } else { 0 }
      rows[name] = Row(host: row[1].text, task: row[2].text, completed: completed)
    }
    return rows
  }

  var table: TextTable {
    var table = TextTable([
      ("ID", .left), ("WORKER", .left), ("HOST", .left), ("STATE", .left), ("JOINED", .left), ("TASK", .left),
      ("FOLDS", .right), ("NOTE", .left),
    ])
    for line in lines {
      table.append([
        line.worker?.id ?? "–", line.name, line.host, line.state, line.joined ? "yes" : "–", line.task,
        "\(line.completed)", line.note,
      ])
    }
    return table
  }

  var json: JSONText {
    let workers = lines.map { line in
      JSONText.object([
        ("id", .optional(line.worker?.id)), ("name", .text(line.name)), ("host", .text(line.host)),
        ("state", .text(line.state)), ("joined", .flag(line.joined)), ("task", .text(line.task)),
        ("completed", .integer(line.completed)), ("note", .text(line.note)),
      ])
    }
    let place: JSONText =
      coordinator.map { found in
        .object([
          ("endpoint", .text(found.endpoint.description)), ("state", .text(found.state.rawValue)),
          ("sweep", .text(found.sweep)), ("epoch", .integer(found.epoch)),
          ("workers", .integer(Int64(found.workerCount))), ("usable", .integer(Int64(found.usableCount))),
        ])
      } ?? .null
    return .object([
      ("schema", .text("muster.workers/v1")), ("coordinator", place), ("workers", .list(workers)),
    ])
  }
}
