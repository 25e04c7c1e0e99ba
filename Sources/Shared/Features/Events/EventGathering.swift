// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation

/// One pass over each event table into an `EventStore`, with a line of progress now and then and a checkpoint.
final class EventGathering {
  let directory: MIMICDirectory
  let store: EventStore
  private let report: (String) -> Void
  private let threadCount: Int
  /// Of all tables that will be read, as they lie on the disk.
  private let byteCount: Int
  private var doneByteCount = 0
  private var resumedByteCount = 0
  private let start = ContinuousClock.now
  private var lastReport = ContinuousClock.now
  private var lastCheckpoint = ContinuousClock.now

  private static let secondsPerReport = 2.0
  private let secondsPerCheckpoint: Double

  init(
    directory: MIMICDirectory, store: EventStore, tables: [MIMICTable], threadCount: Int,
    secondsPerCheckpoint: Double, report: @escaping (String) -> Void
  ) {
    self.directory = directory
    self.store = store
    self.report = report
    self.threadCount = threadCount
    self.secondsPerCheckpoint = secondsPerCheckpoint
    byteCount = tables.reduce(0) { $0 + directory.byteCount(of: $1) }
  }

  /// Reads a table to its end, from where an earlier run came to. A required one must have rows; an optional one may be
  /// missing or have none, and is then reported as left out.
  func read(
    _ table: MIMICTable, columns: [String], isRequired: Bool,
    row: @escaping @Sendable (TableReader, inout EventBlock) throws(CohortError) -> Bool
  ) throws(PreparationError) -> TableReport {
    guard isRequired || directory.has(table) else {
      report("\(table.rawValue): not there; its columns stay empty")
      return TableReport(table: table.rawValue, file: nil, rowCount: 0, usedCount: 0)
    }
    let earlier = store.progress(table)
    if !earlier.isDone { try pass(table, columns: columns, from: earlier.position, row: row) }
    let done = store.progress(table)
    if isRequired, done.position.rowCount == 0 {
      do throws(CohortError) {
        try TableReader(table, in: directory, columns: columns).requireRows()
      } catch {
        throw PreparationError(cause: .input(error))
      }
    }
    doneByteCount += directory.byteCount(of: table)
    if earlier.isDone { resumedByteCount += directory.byteCount(of: table) }
    let verb = earlier.isDone ? "read by an earlier run:" : ""
    let counts = "\(SmallCells.line(done.position.rowCount)) rows, \(SmallCells.line(done.usedCount)) used"
    report("\(table.rawValue):\(verb.isEmpty ? "" : " " + verb) \(counts)")
    return TableReport(
      table: table.rawValue, file: directory.fileName(of: table), rowCount: done.position.rowCount,
      usedCount: done.usedCount)
  }

  private func pass(
    _ table: MIMICTable, columns: [String], from start: TablePosition,
    row: @escaping @Sendable (TableReader, inout EventBlock) throws(CohortError) -> Bool
  ) throws(PreparationError) {
    try store.begin(table)
    if start.rowCount > 0 { report("\(table.rawValue): going on behind row \(SmallCells.line(start.rowCount))") }
    let pass = TablePass<EventBlock>(table, in: directory, columns: columns, threadCount: threadCount)
    let position = try pass.run(
      from: start, make: { EventBlock() },
      row: { reader, block throws(CohortError) in if try row(reader, &block) { block.usedCount += 1 } },
      consume: { block, progress throws(PreparationError) in
        try store.append(block, of: table, at: progress.position)
        try note(table, progress)
      },
      wrap: { PreparationError(cause: .input($0)) })
    store.finish(table, at: position)
    if seconds(since: lastCheckpoint) >= min(1, secondsPerCheckpoint) { try checkpoint() }
  }

  private func note(_ table: MIMICTable, _ progress: TableProgress) throws(PreparationError) {
    if seconds(since: lastCheckpoint) >= secondsPerCheckpoint { try checkpoint() }
    guard seconds(since: lastReport) > Self.secondsPerReport else { return }
    lastReport = .now
    let done = doneByteCount + progress.usedByteCount
    let rate = Double(done - resumedByteCount) / max(seconds(since: start), 0.001)
    let left = rate > 0 ? Int(Double(max(0, byteCount - done)) / rate) : 0
    let percent = byteCount > 0 ? done * 100 / byteCount : 100
    report(
      "\(table.rawValue): \(SmallCells.line(progress.position.rowCount)) rows; \(percent) % of the tables at \(Int(rate / 1e6)) MB/s, "
        + "\(left / 60) min \(left % 60) s left")
  }

  private func checkpoint() throws(PreparationError) {
    try store.checkpoint()
    lastCheckpoint = .now
  }

  private func seconds(since time: ContinuousClock.Instant) -> Double {
    let passed = ContinuousClock.now - time
    return Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18
  }
}
