// SPDX-License-Identifier: Apache-2.0

/// What a Parquet file's footer says: columns, and where their pages lie.
///
/// - Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
struct FileMetadata: Sendable {
  enum PhysicalType: Int { case boolean, int32, int64, int96, float, double, bytes, fixedBytes }

  struct Column: Sendable {
    let name: String
    let type: PhysicalType
    /// Whether a value may be missing.
    let isOptional: Bool
    /// Ticks a second, where the column is a time.
    let ticksPerSecond: Int64?
    /// Days since 1970.
    let isDate: Bool
  }

  struct Chunk: Sendable {
    let codec: Int
    let valueCount: Int
    let offset: Int
    let byteCount: Int
  }

  struct RowGroup: Sendable {
    let rowCount: Int
    /// By place in `columns`.
    let chunks: [Chunk]
  }

  /// Those without nesting; columns of lists and structures are not offered.
  let columns: [Column]
  let rowGroups: [RowGroup]

  init(_ footer: ThriftValue) throws(MalformedBytes) {
    guard let schema = footer[2]?.list, let root = schema.first, let groups = footer[4]?.list else {
      throw MalformedBytes(expected: "a schema and row groups in the footer", found: "none")
    }
    // Depth first; a leaf at the top level is a flat column. Chunks are numbered by all leaves.
    var (columns, leaves): ([Column], [Int]) = ([], [])
    var (next, leaf) = (1, 0)
    for _ in 0..<min(max(0, root[5]?.integer ?? 0), schema.count) where next < schema.count {
      let element = schema[next]
      if element[5] == nil {
        if let column = Column(element) {
          columns.append(column)
          leaves.append(leaf)
        }
        leaf += 1
        next += 1
      } else {
        leaf += Self.skip(schema, &next)
      }
    }
    self.columns = columns
    var rowGroups: [RowGroup] = []
    for group in groups {
      guard let count = group[3]?.integer, count >= 0, let all = group[1]?.list, all.count == leaf else {
        throw MalformedBytes(expected: "as many column chunks as the schema has columns", found: "others")
      }
      var chunks: [Chunk] = []
      for leaf in leaves { chunks.append(try Chunk(all[leaf])) }
      rowGroups.append(RowGroup(rowCount: count, chunks: chunks))
    }
    self.rowGroups = rowGroups
  }

  /// Goes behind a nested column; returns how many leaves it has.
  private static func skip(_ schema: [ThriftValue], _ next: inout Int) -> Int {
    var (open, leaves) = (1, 0)
    while open > 0, next < schema.count {
      let children = schema[next][5]?.integer
      open += min(max(0, children ?? 0), schema.count) - 1
      if children == nil { leaves += 1 }
      next += 1
    }
    return leaves
  }
}

extension FileMetadata.Column {
  /// nil for a repeated column, and one of an unknown type.
  fileprivate init?(_ element: ThriftValue) {
    guard let type = element[1]?.integer.flatMap(FileMetadata.PhysicalType.init), let name = element[4]?.text,
      case let repetition = element[3]?.integer ?? 0, repetition < 2
    else { return nil }
    self.name = name
    self.type = type
    isOptional = repetition == 1
    isDate = element[6]?.integer == 6 || element[10]?[6] != nil
    if let unit = element[10]?[8]?[2] {
      ticksPerSecond = unit[1] != nil ? 1_000 : unit[2] != nil ? 1_000_000 : 1_000_000_000
    } else {
      ticksPerSecond = element[6]?.integer == 9 ? 1_000 : element[6]?.integer == 10 ? 1_000_000 : nil
    }
  }
}

extension FileMetadata.Chunk {
  fileprivate init(_ chunk: ThriftValue) throws(MalformedBytes) {
    guard chunk[1] == nil, let data = chunk[3], let codec = data[4]?.integer, let values = data[5]?.integer,
      let bytes = data[7]?.integer, let pages = data[9]?.integer, bytes >= 0, values >= 0
    else { throw MalformedBytes(expected: "a column chunk in this file", found: "another") }
    self.codec = codec
    valueCount = values
    byteCount = bytes
    // Some writers put 0 where there is no dictionary.
    let dictionary = data[11]?.integer ?? 0
    offset = dictionary > 0 ? Swift.min(dictionary, pages) : pages
  }
}
