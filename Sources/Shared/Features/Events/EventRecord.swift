// SPDX-License-Identifier: Apache-2.0

/// One row of an event table that is of use, in 32 bytes and its text.
///
/// Event files are scratch files of one machine: their bytes are those of memory.
struct EventRecord {
  /// Seconds, see `CivilTime`.
  var time: Int64
  var value: Double
  /// Index into `HospitalRecords.patients`.
  var patient: Int32
  /// Index into `HospitalRecords.admissions`, or one of `EventAdmission`.
  var admission: Int32
  /// Index into `HospitalRecords.stays`, or one of `EventAdmission`.
  var stay: Int32
  /// What was recorded: a place in the list that goes with `kind`.
  var place: UInt16
  var kind: EventKind
  /// Bytes of text that follow the record.
  var textByteCount: UInt8

  static let byteCount = 32

  init(
    _ kind: EventKind, place: Int, value: Double, patient: Int, admission: Int32,
    stay: Int32 = EventAdmission.none, time: Int64
  ) {
    self.kind = kind
    self.place = UInt16(truncatingIfNeeded: place)
    self.value = value
    self.patient = Int32(truncatingIfNeeded: patient)
    self.admission = admission
    self.stay = stay
    self.time = time
    textByteCount = 0
  }
}

enum EventKind: UInt8 {
  /// `place`: in `VitalItem.all`.
  case vital
  /// `place`: in `LabTest.places`.
  case lab
  case labAbnormal
  /// Millilitres out; `place` is 0.
  case urine
  /// `value`: the bits of `DrugClasses`; `time`: midnight of the first day.
  case prescription
  /// `place`: in the benchmark's list of items.
  case benchmark
  /// `place`: a `CareMark`.
  case care
}

/// The events of one block of a table, and what was counted on the way.
struct EventBlock: Sendable {
  private(set) var bytes: [UInt8] = []
  /// Byte offsets of the records, to hand them out without looking at the texts.
  private(set) var starts: [Int32] = []
  var tallies = EventTallies()
  var usedCount = 0

  mutating func append(_ record: EventRecord, text: UnsafeBufferPointer<UInt8>? = nil) {
    starts.append(Int32(truncatingIfNeeded: bytes.count))
    var record = record
    let text = text.map { UnsafeBufferPointer(rebasing: $0.prefix(255)) }
    record.textByteCount = UInt8(text?.count ?? 0)
    withUnsafeBytes(of: record) { bytes.append(contentsOf: $0) }
    if let text { bytes.append(contentsOf: text) }
  }
}

/// The events of a few patients, read back.
struct EventList {
  private let bytes: [UInt8]
  /// Byte offsets of the records, by patient, each in the order of the tables.
  private let starts: [Int32]
  private let ranges: [Range<Int>]
  private let firstPatient: Int

  /// - Parameter patients: whose events `bytes` holds.
  init(_ bytes: [UInt8], patients: Range<Int>) {
    self.bytes = bytes
    firstPatient = patients.lowerBound
    var counts = [Int](repeating: 0, count: patients.count + 1)
    Self.forEach(bytes) { record, _ in counts[Int(record.patient) - patients.lowerBound + 1] += 1 }
    for index in counts.indices.dropFirst() { counts[index] += counts[index - 1] }
    ranges = patients.indices.map { counts[$0 - patients.lowerBound]..<counts[$0 - patients.lowerBound + 1] }
    // Counting sort: the order within a patient stays that of the tables.
    var next = counts
    var starts = [Int32](repeating: 0, count: counts.last ?? 0)
    Self.forEach(bytes) { record, start in
      let patient = Int(record.patient) - patients.lowerBound
      starts[next[patient]] = Int32(truncatingIfNeeded: start)
      next[patient] += 1
    }
    self.starts = starts
  }

  func forEach(ofPatient patient: Int, _ body: (EventRecord, UnsafeRawBufferPointer) -> Void) {
    bytes.withUnsafeBytes { bytes in
      for place in ranges[patient - firstPatient] {
        let start = Int(starts[place])
        let record = bytes.loadUnaligned(fromByteOffset: start, as: EventRecord.self)
        let text = start + EventRecord.byteCount
        body(record, UnsafeRawBufferPointer(rebasing: bytes[text..<(text + Int(record.textByteCount))]))
      }
    }
  }

  private static func forEach(_ bytes: [UInt8], _ body: (EventRecord, Int) -> Void) {
    bytes.withUnsafeBytes { bytes in
      var start = 0
      while start + EventRecord.byteCount <= bytes.count {
        let record = bytes.loadUnaligned(fromByteOffset: start, as: EventRecord.self)
        body(record, start)
        start += EventRecord.byteCount + Int(record.textByteCount)
      }
    }
  }
}
