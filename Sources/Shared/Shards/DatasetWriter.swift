// SPDX-License-Identifier: Apache-2.0

import Sweeps

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Writes a data set, row by row, shard by shard: into a folder beside the wanted one, which takes its place once every
/// byte is on the disk. Whatever ends the writer earlier leaves what was there before.
///
/// Memory: the rows of three shards, of which two are being written: while one waits for the disk, the other is hashed. The same rows give the same bytes, manifest and shards.
package final class DatasetWriter {
  private let directory: String
  private let description: DatasetDescription
  private let rowsPerShard: Int
  private let staging: StagingDirectory
  private var block = ShardFileWriter.Block()
  private var files: [ShardFile] = []
  private var rowCount = 0
  private var groups: Set<Int64> = []
  private var labels: LabelSummary.Accumulator
  private var further: [FurtherLabel.Accumulator]
  private var isFinished = false
  private var shardCount = 0
  /// In the order of the shards.
  private var jobs: [ShardJob] = []
  private static let jobCountMax = 2

  /// - Parameter directory: of one outcome. Made with its parents; an older data set there is replaced at `finish()`.
  /// - Throws: `.descriptionInvalid`; `.occupied` where the directory holds other files; `.busy` where another process
  ///   writes the same data set; `.system`, `.resources`.
  package init(directory: String, description: DatasetDescription, rowsPerShard: Int = 4096) throws(ShardError) {
    precondition(rowsPerShard > 0, "rowsPerShard must be positive, got \(rowsPerShard)")
    try validateColumns(description.columns, description.channels, stepCount: description.stepCount) {
      ShardError(
        .descriptionInvalid, path: directory, subject: $0, expected: $1, found: $2,
        advice: "mend the description of the data set")
    }
    if let problem = Manifest.problem(of: description.further, beside: description.outcome) {
      throw ShardError(
        .descriptionInvalid, path: directory, subject: "further", expected: problem.expected, found: problem.found,
        advice: "mend the description of the data set")
    }
    self.directory = directory
    self.description = description
    self.rowsPerShard = rowsPerShard
    labels = LabelSummary.Accumulator(isBinary: description.outcome.isBinary)
    further = description.further.map { FurtherLabel.Accumulator($0) }
    staging = try StagingDirectory(for: directory)
  }

  deinit {
    // The folder goes with the writer: not before the last write into it has ended. Its failure has no one to go to.
    for job in jobs { _ = try? job.file() }
  }

  /// - Throws: `.rowInvalid` for lengths other than F and T × C, for a label that the outcome cannot have and for an
  ///   infinite value; the message names the row and the column, never the value. `.system`, `.resources`, `.hdf5`, of this shard
  ///   or the one before.
  package func append(_ row: ShardRow) throws(ShardError) {
    precondition(!isFinished, "a row after finish() of \(directory)")
    try check(row)
    block.tabular += row.tabular
    block.sequence += row.sequence
    block.labels.append(row.label)
    block.groups.append(row.group)
    block.rowIDs.append(row.rowID)
    block.further += row.further
    row.tabular.withUnsafeBytes { $0.appendSHA256(to: &block.digests) }
    row.sequence.withUnsafeBytes { $0.appendSHA256(to: &block.digests) }
    labels.add(row.label)
    for place in further.indices { further[place].add(row.further[place]) }
    groups.insert(row.group)
    rowCount += 1
    if block.rowCount == rowsPerShard { try writeShard() }
  }

  /// Writes what is left and the manifest, syncs all, and puts the data set in its place.
  ///
  /// - Throws: `.empty` without a row; `.system`, `.resources`, `.hdf5`. After a throw there is the older data set or the
  ///   new one, whole.
  package func finish() throws(ShardError) -> Manifest {
    precondition(!isFinished, "finish() of \(directory) for the second time")
    isFinished = true
    guard rowCount > 0 else {
      throw ShardError(
        .empty, path: directory, expected: "at least 1 row", found: "none",
        advice: "check the cohort's flow: every row was left out")
    }
    if block.rowCount > 0 { try writeShard() }
    try collect(leaving: 0)
    let manifest = Manifest(
      description: description, rowCount: rowCount, patientCount: groups.count, labels: labels.summary, files: files,
      further: further.map(\.summary))
    try SystemFiles.writeDurably(manifest.json, to: staging.path + "/" + Manifest.fileName)
    try staging.moveIntoPlace()
    return manifest
  }

  /// Hands the rows over; shards are written while the next is filled.
  private func writeShard() throws(ShardError) {
    try collect(leaving: Self.jobCountMax - 1)
    let digits = String(shardCount)
    shardCount += 1
    let name = "shard-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".h5"
    let layout = ShardLayout(
      format: Manifest.format(furtherCount: description.further.count), rowCount: block.rowCount,
      columnCount: description.columns.count, stepCount: description.stepCount,
      channelCount: description.channels.count, furtherCount: description.further.count)
    jobs.append(ShardJob(block, layout, directory: staging.path, name: name))
    // Rows come one by one: arrays that grew would be copied again and again.
    block = ShardFileWriter.Block(reserving: rowsPerShard, layout)
  }

  private func collect(leaving count: Int) throws(ShardError) {
    while jobs.count > count { files.append(try jobs.removeFirst().file()) }
  }

  private func check(_ row: ShardRow) throws(ShardError) {
    func fail(_ part: String, _ expected: String, _ found: String) -> ShardError {
      ShardError(
        .rowInvalid, path: directory, subject: "row \(rowCount), \(part)", expected: expected, found: found,
        advice: "mend what makes the rows")
    }
    let columnCount = description.columns.count
    let channelCount = description.channels.count
    guard row.tabular.count == columnCount else {
      throw fail("tabular", "\(columnCount) values", "\(row.tabular.count)")
    }
    guard row.sequence.count == description.stepCount * channelCount else {
      throw fail("sequence", "\(description.stepCount) × \(channelCount) values", "\(row.sequence.count)")
    }
    if description.outcome.isBinary {
      guard row.label == 0 || row.label == 1 else { throw fail("label", "0 or 1", "something else") }
    } else {
      guard row.label.isFinite else { throw fail("label", "a finite number", "something else") }
    }
    guard row.further.count == description.further.count else {
      throw fail("further labels", "\(description.further.count)", "\(row.further.count)")
    }
    for (outcome, label) in zip(description.further, row.further) where !label.isLabel(isBinary: outcome.isBinary) {
      throw fail(
        "further label \(outcome.rawValue)", Float.labelText(isBinary: outcome.isBinary), "something else")
    }
    if row.tabular.holdsInfinity, let column = row.tabular.firstIndex(where: \.isInfinite) {
      let name = description.columns[column].name
      throw fail("column \(column) (\(name))", "a number, or NaN where missing", "an infinity")
    }
    if row.sequence.holdsInfinity, let place = row.sequence.firstIndex(where: \.isInfinite) {
      let name = description.channels[place % channelCount].name
      throw fail("step \(place / channelCount), channel \(name)", "a number, or NaN where missing", "an infinity")
    }
  }
}

extension [Float] {
  /// Looks at all of them, for a loop without a way out is done several values at a time.
  fileprivate var holdsInfinity: Bool {
    withUnsafeBufferPointer { values in
      var found: UInt32 = 0
      for value in values { found |= value.bitPattern & 0x7FFF_FFFF == 0x7F80_0000 ? 1 : 0 }
      return found != 0
    }
  }
}
