// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation

/// The events of all patients between the pass over the tables and the making of rows: files of records, patients parted
/// among them in ascending order, so that each file fits memory whatever the size of the tables.
///
/// A journal says how far each table was read. A run that is killed goes on from there: what was written behind the
/// journal's lengths is cut off.
final class EventStore {
  let directory: String
  let patientsOfPart: [Range<Int>]
  private let partOfPatient: [UInt16]
  private var files: [FileHandle] = []
  private var buffers: [[UInt8]]
  private var lengths: [Int]
  private var journal: Journal
  private let fingerprints: [MIMICTable: String]
  private var lock: FileHandle?

  /// What must be the same for a run to go on with another's events, and how far that came.
  struct Journal: Codable, Hashable {
    struct Table: Codable, Hashable {
      /// Of the file that was read.
      var fingerprint: String
      var position = TablePosition()
      var usedCount = 0
      var isDone = false
      /// How long the files were, and what was tallied, before this table: where to go back to if its file changes.
      var lengthsBefore: [Int] = []
      var talliesBefore = EventTallies()
    }

    var fingerprint: String
    var tables: [String: Table] = [:]
    /// In the order in which they were begun.
    var order: [String] = []
    var tallies = EventTallies()
    var lengths: [Int] = []
  }

  private static let bufferByteCount = 1 << 18
  private static let partCountMax = 1_024

  /// - Parameters:
  ///   - directory: of scratch files; made, and removed by `remove`.
  ///   - fingerprint: of what the records mean, and of the tables that number patients, admissions and stays.
  ///   - tables: fingerprints of the event tables. Where one has changed since an earlier run, its events are dropped, and
  ///     those of the tables read after it.
  /// - Throws: `PreparationError.scratch` where the folder cannot be written, or another run uses it.
  init(
    directory: String, fingerprint: String, tables: [MIMICTable: String], patientCount: Int, partCount: Int
  ) throws(PreparationError) {
    self.directory = directory
    fingerprints = tables
    let partCount = max(1, min(partCount, patientCount, Self.partCountMax))
    patientsOfPart = (0..<partCount).map {
      ($0 * patientCount / partCount)..<(($0 + 1) * patientCount / partCount)
    }
    var parts = [UInt16](repeating: 0, count: patientCount)
    for (part, patients) in patientsOfPart.enumerated() { for patient in patients { parts[patient] = UInt16(part) } }
    partOfPatient = parts
    buffers = Array(repeating: [], count: partCount)
    journal = Journal(fingerprint: "\(fingerprint) parts \(partCount)")
    lengths = Array(repeating: 0, count: partCount)
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      try takeLock()
      if let found = try earlierJournal(partCount: partCount) {
        journal = withoutChangedTables(found)
        lengths = journal.lengths
      }
      for part in 0..<partCount { files.append(try open(part)) }
    } catch let error as PreparationError {
      throw error
    } catch {
      throw scratchError(error)
    }
  }

  private func path(_ part: Int) -> String { "\(directory)/part-\(part).events" }
  private var journalPath: String { directory + "/journal.json" }

  private func scratchError(_ error: any Error) -> PreparationError {
    PreparationError(cause: .scratch(path: directory, problem: "\(error)"))
  }

  private func takeLock() throws {
    let handle = try handle(directory + "/lock")
    guard flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw PreparationError(
        cause: .scratch(path: directory, problem: "another run prepares these data sets; wait for its end"))
    }
    lock = handle
  }

  /// nil where there is none, or it is of other tables: then all is read anew.
  private func earlierJournal(partCount: Int) throws -> Journal? {
    guard let data = FileManager.default.contents(atPath: journalPath) else { return nil }
    // A journal that cannot be read was cut short by a kill, or is another version's.
    guard let found = try? JSONDecoder().decode(Journal.self, from: data), found.fingerprint == journal.fingerprint,
      found.lengths.count == partCount
    else { return nil }
    for (part, length) in found.lengths.enumerated() where length > 0 {
      let size = try FileManager.default.attributesOfItem(atPath: path(part))[.size] as? Int
      guard let size, size >= length else { return nil }
    }
    return found
  }

  /// Goes back to before the first table whose file is another by now.
  private func withoutChangedTables(_ found: Journal) -> Journal {
    var journal = found
    let current = Dictionary(uniqueKeysWithValues: fingerprints.map { ($0.rawValue, $1) })
    guard let changed = journal.order.firstIndex(where: { journal.tables[$0]?.fingerprint != current[$0] }),
      let table = journal.tables[journal.order[changed]]
    else { return journal }
    journal.lengths = table.lengthsBefore
    journal.tallies = table.talliesBefore
    for name in journal.order[changed...] { journal.tables[name] = nil }
    journal.order = Array(journal.order[..<changed])
    return journal
  }

  private func handle(_ path: String) throws(PreparationError) -> FileHandle {
    let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw PreparationError(cause: .scratch(path: path, problem: String(cString: strerror(errno))))
    }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  private func open(_ part: Int) throws -> FileHandle {
    let handle = try handle(path(part))
    try handle.truncate(atOffset: UInt64(lengths[part]))
    try handle.seekToEnd()
    return handle
  }

  /// How far this table was read by this run or one before it.
  func progress(_ table: MIMICTable) -> Journal.Table {
    journal.tables[table.rawValue] ?? Journal.Table(fingerprint: fingerprints[table] ?? "")
  }

  /// To be called before the first row of a table.
  func begin(_ table: MIMICTable) throws(PreparationError) {
    guard journal.tables[table.rawValue] == nil else { return }
    try flush()
    var entry = progress(table)
    entry.lengthsBefore = lengths
    entry.talliesBefore = journal.tallies
    journal.tables[table.rawValue] = entry
    journal.order.append(table.rawValue)
  }

  var tallies: EventTallies { journal.tallies }

  /// - Throws: `PreparationError.scratch`, a full disk for one.
  func append(
    _ block: EventBlock, of table: MIMICTable, at position: TablePosition
  ) throws(PreparationError) {
    for (index, start) in block.starts.enumerated() {
      let end = index + 1 < block.starts.count ? Int(block.starts[index + 1]) : block.bytes.count
      let bytes = block.bytes[Int(start)..<end]
      let patient = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 16, as: Int32.self) }
      let part = Int(partOfPatient[Int(patient)])
      buffers[part] += bytes
      if buffers[part].count >= Self.bufferByteCount { try flush(part) }
    }
    journal.tallies.add(block.tallies)
    var entry = progress(table)
    entry.position = position
    entry.usedCount += block.usedCount
    journal.tables[table.rawValue] = entry
  }

  private func flush(_ part: Int) throws(PreparationError) {
    do { try files[part].write(contentsOf: buffers[part]) } catch { throw scratchError(error) }
    lengths[part] += buffers[part].count
    buffers[part].removeAll(keepingCapacity: true)
  }

  func finish(_ table: MIMICTable, at position: TablePosition) {
    var entry = progress(table)
    entry.position = position
    entry.isDone = true
    journal.tables[table.rawValue] = entry
  }

  /// Makes all that was appended safe against a kill, or a loss of power.
  func checkpoint() throws(PreparationError) {
    for part in buffers.indices where !buffers[part].isEmpty { try flush(part) }
    journal.lengths = lengths
    do {
      for file in files { try file.synchronize() }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      try encoder.encode(journal).write(to: URL(fileURLWithPath: journalPath), options: .atomic)
    } catch {
      throw scratchError(error)
    }
  }

  /// Hands what is buffered to the files, so that they can be read.
  func flush() throws(PreparationError) {
    for part in buffers.indices where !buffers[part].isEmpty { try flush(part) }
  }

  func events(ofPart part: Int) throws(PreparationError) -> EventList {
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path(part)), options: .alwaysMapped)
      return EventList([UInt8](data), patients: patientsOfPart[part])
    } catch {
      throw scratchError(error)
    }
  }

  /// Once the data sets are written the scratch files have served.
  func remove() throws(PreparationError) {
    do { try FileManager.default.removeItem(atPath: directory) } catch { throw scratchError(error) }
  }
}
