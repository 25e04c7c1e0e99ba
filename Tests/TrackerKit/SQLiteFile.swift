// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Any SQLite file, for what no reader or store of ours would do to it.
package enum SQLiteFile {
  package static func execute(_ sql: String, in path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
  }

  /// The one number that a statement gives.
  package static func integer(_ sql: String, in path: String) throws -> Int? {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.read { try Int.fetchOne($0, sql: sql) }
  }
}
