// SPDX-License-Identifier: Apache-2.0

import Sweeps

extension Manifest {
  /// What JSON cannot say: counts that agree, names that are names, sizes that a machine can address.
  func validate(path: String) throws(ShardError) {
    func fail(_ subject: String, _ expected: String, _ found: String) -> ShardError {
      ShardError(
        .manifestInvalid, path: path, subject: subject, expected: expected, found: found,
        advice: ShardError.prepareAgain)
    }
    try validateColumns(columns, channels, stepCount: stepCount) { subject, expected, found in
      fail(subject, expected, found)
    }
    guard rowCount > 0, !files.isEmpty else { throw fail("rows", "at least 1 row in 1 file", "an empty data set") }
    guard (1...rowCount).contains(patientCount) else { throw fail("patients", "1 to \(rowCount)", "\(patientCount)") }
    guard labels.isBinary == outcome.isBinary else {
      throw fail("labels.kind", "the kind of outcome \(outcome.rawValue)", "the other kind")
    }
    guard further.isEmpty == (format < 3) else {
      throw fail("further", format < 3 ? "none in format \(format)" : "at least 1", "\(further.count)")
    }
    if let problem = Self.problem(of: further.map(\.outcome), beside: outcome) {
      throw fail("further", problem.expected, problem.found)
    }
    if let other = further.first(where: { $0.labels.isBinary != $0.outcome.isBinary }) {
      throw fail("further", "the kind of outcome \(other.outcome.rawValue)", "the other kind")
    }
    var seen: Set<String> = []
    var rowsSum = 0
    for (index, file) in files.enumerated() {
      guard Self.isFileName(file.name) else {
        throw fail("files[\(index)].name", "1 to 128 of A-Z a-z 0-9 . _ - and no dot in front", "another name")
      }
      guard seen.insert(file.name).inserted else { throw fail("files[\(index)].name", "each file once", file.name) }
      guard file.byteCount > 0, file.rowCount > 0 else {
        throw fail("files[\(index)]", "at least 1 byte and 1 row", "\(file.byteCount) bytes, \(file.rowCount) rows")
      }
      let offsetCount = format == 1 ? nil : ShardLayout.datasets(format: format).count
      guard file.index?.offsets.count == offsetCount else {
        throw fail(
          "files[\(index)].offsets", offsetCount.map { "\($0) offsets" } ?? "none in format 1",
          file.index.map { "\($0.offsets.count)" } ?? "none")
      }
      let (sum, overflow) = rowsSum.addingReportingOverflow(file.rowCount)
      guard !overflow else { throw fail("files[\(index)].rows", "a number of rows", "too large a sum") }
      rowsSum = sum
    }
    guard rowsSum == rowCount else { throw fail("rows", "the sum over files, \(rowsSum)", "\(rowCount)") }
  }

  /// What is wrong with a list of outcomes whose labels lie beside those of another, if anything.
  static func problem(of further: [Outcome], beside outcome: Outcome) -> (expected: String, found: String)? {
    var seen: Set<Outcome> = [outcome]
    guard let twice = further.first(where: { !seen.insert($0).inserted }) else { return nil }
    return ("outcomes beside \(outcome.rawValue), each once", "a second \(twice.rawValue)")
  }

  /// A name that can only ever be a file directly in the data set's directory.
  static func isFileName(_ name: String) -> Bool {
    let isShort = (1...128).contains(name.utf8.count)
    let isPlain = name.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || [45, 46, 95].contains(byte)
    }
    return isShort && isPlain && !name.hasPrefix(".") && name != fileName
  }
}

/// The rules for columns, channels and steps that reader and writer share.
func validateColumns(
  _ columns: [FeatureColumn], _ channels: [FeatureColumn], stepCount: Int,
  fail: (_ subject: String, _ expected: String, _ found: String) -> ShardError
) throws(ShardError) {
  // Bounds far above any real study and far below overflow: F, T and C multiply with a row count.
  let countMax = 1 << 20
  for (key, list) in [("columns", columns), ("channels", channels)] {
    guard (1...countMax).contains(list.count) else { throw fail(key, "1 to \(countMax)", "\(list.count)") }
    var names: Set<String> = []
    for (index, column) in list.enumerated() {
      guard !column.name.isEmpty else { throw fail("\(key)[\(index)].name", "a name", "an empty one") }
      guard names.insert(column.name).inserted else {
        throw fail("\(key)[\(index)].name", "each name once", "a second \(column.name.debugDescription)")
      }
    }
  }
  guard (1...countMax).contains(stepCount) else { throw fail("steps", "1 to \(countMax)", "\(stepCount)") }
}
