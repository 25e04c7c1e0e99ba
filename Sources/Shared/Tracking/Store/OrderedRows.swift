// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The rows of a query, taken group by group: what lies behind a million results is read in a few statements, each once.
///
/// The query must be in ascending order of its first column, the group's key.
struct OrderedRows<Element> {
  private let cursor: RowCursor
  private let decode: (Row) throws -> Element
  private var head: (key: Int64, element: Element)?

  init(
    _ database: Database, _ sql: String, _ arguments: StatementArguments, decode: @escaping (Row) throws -> Element
  ) throws {
    cursor = try Row.fetchCursor(database, sql: sql, arguments: arguments)
    self.decode = decode
    try advance()
  }

  /// The rows of `key`; those of smaller keys are passed over.
  mutating func take(_ key: Int64) throws -> [Element] {
    var taken: [Element] = []
    while let next = head, next.key <= key {
      if next.key == key { taken.append(next.element) }
      try advance()
    }
    return taken
  }

  private mutating func advance() throws {
    head = try cursor.next().map { row in (row[0], try decode(row)) }
  }
}
