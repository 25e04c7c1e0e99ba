// SPDX-License-Identifier: Apache-2.0

import GRDB

/// What a query gave.
package struct SQLTable: Sendable {
  package enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    /// Bytes of a blob; no table of ours holds one.
    case blob(Int)

    package var integer: Int? { if case .integer(let integer) = self { Int(integer) } else { nil } }

    /// Of a real or an integer.
    package var real: Double? {
      switch self {
      case .integer(let integer): Double(integer)
      case .real(let real): real
      case .null, .text, .blob: nil
      }
    }

    /// As text; `nil` for NULL.
    package var string: String? { self == .null ? nil : text }

    var databaseValue: DatabaseValue {
      switch self {
      case .null, .blob: .null
      case .integer(let integer): integer.databaseValue
      case .real(let real): real.databaseValue
      case .text(let text): text.databaseValue
      }
    }

    init(_ value: DatabaseValue) {
      switch value.storage {
      case .null: self = .null
      case .int64(let integer): self = .integer(integer)
      case .double(let real): self = .real(real)
      case .string(let text): self = .text(text)
      case .blob(let data): self = .blob(data.count)
      }
    }

    /// As text, the way the sqlite3 shell prints it.
    package var text: String {
      switch self {
      case .null: ""
      case .integer(let integer): String(integer)
      case .real(let real): "\(real)"
      case .text(let text): text
      case .blob(let count): "<\(count) bytes>"
      }
    }
  }

  /// Of a view of one sweep, with the kind that holds all its values.
  package struct Column: Sendable {
    package enum Kind: Sendable { case integer, real, text }

    package let name: String
    package let kind: Kind
  }

  package let columns: [String]
  package let rows: [[Value]]
  /// There were more rows than were asked for.
  package let isCut: Bool

  init(columns: [String], rows: [[Value]], isCut: Bool = false) {
    (self.columns, self.rows, self.isCut) = (columns, rows, isCut)
  }
}
