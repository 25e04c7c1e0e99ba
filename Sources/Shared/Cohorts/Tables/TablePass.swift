// SPDX-License-Identifier: Apache-2.0

import Gzip

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where a pass over a table stands, behind a row: enough to go on there in another process.
package struct TablePosition: Codable, Hashable, Sendable {
  /// Of the table as it reads when unpacked.
  package var byteCount = 0
  package var lineCount = 0
  package var rowCount = 0

  package init() {}
}

/// How far a pass is, for a person who waits.
package struct TableProgress: Sendable {
  package let position: TablePosition
  /// Of the file as it lies on the disk.
  package let usedByteCount: Int
  package let fileByteCount: Int
}

/// One pass over a table, on all cores, in bounded memory: one core unpacks and cuts the file into blocks of rows while the
/// others parse those cut before; what they found is handed over in the order of the file.
///
/// `Output` is what a block's rows become. Outputs come in the order of the file, so the result is the same for any
/// number of cores; how the file is cut into blocks depends on the file alone.
///
/// - Complexity: memory 4 MiB a core and twice that in outputs.
package struct TablePass<Output: Sendable>: Sendable {
  package let table: MIMICTable
  package let directory: MIMICDirectory
  package let columns: [String]
  private let threadCount: Int
  private let blockByteCount: Int

  /// - Parameter columns: upper case; the indexes of this array are the column numbers of the reader's calls.
  package init(
    _ table: MIMICTable, in directory: MIMICDirectory, columns: [String],
    threadCount: Int = ProcessorCount.available, blockByteCount: Int = 1 << 20
  ) {
    self.table = table
    self.directory = directory
    self.columns = columns
    self.threadCount = max(1, threadCount)
    self.blockByteCount = blockByteCount
  }

  private struct Parsed: Sendable {
    var output: Output
    var rowCount = 0
    var lineCount = 0
    var endedInsideRecord = false
    var error: CohortError?
  }

  private enum Work: Sendable {
    case filled(count: Int, failure: CohortError?)
    case parsed(Parsed)
  }

  /// Reads the table from `position` on to its end.
  ///
  /// - Parameters:
  ///   - make: an output before its first row.
  ///   - row: called for each row, on any thread, with the output of its block.
  ///   - consume: called in the order of the file, on the caller's thread.
  /// - Throws: what `TableReader` throws, with lines counted from the file's first; what `consume` throws.
  package func run<Failure: Error>(
    from position: TablePosition = TablePosition(), make: @escaping @Sendable () -> Output,
    row: @escaping @Sendable (TableReader, inout Output) throws(CohortError) -> Void,
    consume: (Output, TableProgress) throws(Failure) -> Void, wrap: (CohortError) -> Failure
  ) throws(Failure) -> TablePosition {
    do {
      return try runAll(from: position, make: make, row: row, consume: consume)
    } catch let error as CohortError {
      throw wrap(error)
    } catch let error as Failure {
      throw error
    } catch {
      preconditionFailure("only the two kinds of error above are thrown in here, not \(error)")
    }
  }

  private func runAll<Failure: Error>(
    from start: TablePosition, make: @escaping @Sendable () -> Output,
    row: @escaping @Sendable (TableReader, inout Output) throws(CohortError) -> Void,
    consume: (Output, TableProgress) throws(Failure) -> Void
  ) throws -> TablePosition {
    let path = try directory.filePath(of: table)
    let layout = try TableReader(table, in: directory, columns: columns).layout
    let source = try BlockSource(path: path)
    var position = start
    if start.byteCount > 0 { try source.skip(to: start.byteCount) }

    let blocksPerRound = 4 * threadCount
    func blocks() -> [Block] { (0..<blocksPerRound).map { _ in Block(capacity: blockByteCount) } }
    var (current, next) = (blocks(), blocks())
    var (filledCount, failure) = fill(current, from: source, limit: threadCount)
    while true {
      let isFromTheStart = position.byteCount == 0
      let (held, coming, isStopped, count) = (current, next, failure != nil, filledCount)
      // The first piece of work unpacks what comes next; the others parse what came before.
      let round = concurrentMap(count: count + 1) { index -> Work in
        if index == 0 {
          if isStopped { return .filled(count: 0, failure: nil) }
          let filled = fill(coming, from: source, limit: blocksPerRound)
          return .filled(count: filled.count, failure: filled.failure)
        }
        let hasHeader = isFromTheStart && index == 1
        return .parsed(
          parse(held[index - 1], path: path, layout: hasHeader ? nil : layout, make: make, row: row))
      }
      var nextFilled = (count: 0, failure: CohortError?.none)
      if case .filled(let count, let failure) = round[0] { nextFilled = (count, failure) }
      for (index, work) in round.dropFirst().enumerated() {
        guard case .parsed(let result) = work else { continue }
        if result.endedInsideRecord {
          let held = Array(current[index..<filledCount]) + Array(next[..<nextFilled.count])
          return try runByRow(
            position, source.rest(after: held), path: path, layout: index == 0 && isFromTheStart ? nil : layout,
            fileByteCount: source.fileByteCount, make: make, row: row, consume: consume)
        }
        if let error = result.error { throw error.behind(lines: position.lineCount) }
        position.byteCount += current[index].count
        position.lineCount += result.lineCount
        position.rowCount += result.rowCount
        try consume(
          result.output,
          TableProgress(
            position: position, usedByteCount: current[index].usedByteCount, fileByteCount: source.fileByteCount))
      }
      if let failure { throw failure.behind(lines: position.lineCount) }
      if nextFilled.count == 0, nextFilled.failure == nil { return position }
      swap(&current, &next)
      (filledCount, failure) = nextFilled
    }
  }

  /// - Returns: how many blocks were filled, and what then went wrong.
  private func fill(_ blocks: [Block], from source: BlockSource, limit: Int) -> (count: Int, failure: CohortError?) {
    var count = 0
    do throws(CohortError) {
      while count < min(limit, blocks.count), try source.fill(blocks[count]) { count += 1 }
      return (count, nil)
    } catch {
      return (count, error)
    }
  }

  private func parse(
    _ block: Block, path: String, layout: TableReader.Layout?, make: @escaping @Sendable () -> Output,
    row: @escaping @Sendable (TableReader, inout Output) throws(CohortError) -> Void
  ) -> Parsed {
    var parsed = Parsed(output: make())
    do throws(CohortError) {
      let reader = try TableReader(
        table, path: path, columns: columns, block: block.bytes, count: block.count, isFinal: block.isFinal,
        layout: layout)
      while try reader.next() { try row(reader, &parsed.output) }
      parsed.rowCount = reader.rowCount
      parsed.lineCount = reader.lineCount
      parsed.endedInsideRecord = reader.endedInsideRecord
    } catch {
      parsed.error = error
    }
    return parsed
  }

  /// The slow way, for a file whose quotes mislead: as `TableReader` reads it, on one core.
  private func runByRow<Failure: Error>(
    _ start: TablePosition, _ source: @escaping (UnsafeMutableRawBufferPointer) throws(GzipError) -> Int,
    path: String, layout: TableReader.Layout?, fileByteCount: Int, make: @escaping @Sendable () -> Output,
    row: @escaping @Sendable (TableReader, inout Output) throws(CohortError) -> Void,
    consume: (Output, TableProgress) throws(Failure) -> Void
  ) throws -> TablePosition {
    let reader: TableReader
    if let layout {
      reader = TableReader(table, path: path, columns: columns, layout: layout, source: source)
    } else {
      reader = try TableReader(table, in: directory, columns: columns)
    }
    var position = start
    func handOver(_ output: Output) throws {
      position.rowCount = start.rowCount + reader.rowCount
      try consume(
        output,
        TableProgress(position: position, usedByteCount: fileByteCount, fileByteCount: fileByteCount))
    }
    while true {
      var output = make()
      let isMore: Bool
      do throws(CohortError) {
        isMore = try readSome(reader, into: &output, row)
      } catch {
        throw error.behind(lines: start.lineCount)
      }
      try handOver(output)
      if !isMore { break }
    }
    position.lineCount = start.lineCount + reader.lineCount
    return position
  }

  /// False at the end of the table.
  private func readSome(
    _ reader: TableReader, into output: inout Output,
    _ row: @Sendable (TableReader, inout Output) throws(CohortError) -> Void
  ) throws(CohortError) -> Bool {
    for _ in 0..<16_384 {
      guard try reader.next() else { return false }
      try row(reader, &output)
    }
    return true
  }
}

/// How many cores this process may use.
package enum ProcessorCount {
  package static let available = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}
