// SPDX-License-Identifier: Apache-2.0

/// From an identifier to its index in an array. MIMIC's identifiers lie close together: a plain table then, else a
/// dictionary, of which only single keys are ever asked.
package struct IdentifierIndex: Sendable {
  private var base: Int64 = 0
  private var table: [Int32] = []
  private var dictionary: [Int64: Int32] = [:]

  private static let spanMax: Int64 = 1 << 22

  /// - Parameter identifiers: each once.
  init(_ identifiers: [Int64]) {
    guard let low = identifiers.min(), let high = identifiers.max() else { return }
    let (span, overflow) = high.subtractingReportingOverflow(low)
    if !overflow, span < Self.spanMax {
      base = low
      table = [Int32](repeating: -1, count: Int(span) + 1)
      for (index, identifier) in identifiers.enumerated() { table[Int(identifier - low)] = Int32(index) }
    } else {
      dictionary.reserveCapacity(identifiers.count)
      for (index, identifier) in identifiers.enumerated() { dictionary[identifier] = Int32(index) }
    }
  }

  package func index(of identifier: Int64) -> Int? {
    if table.isEmpty { return dictionary[identifier].map { Int($0) } }
    let (offset, overflow) = identifier.subtractingReportingOverflow(base)
    guard !overflow, offset >= 0, offset < Int64(table.count) else { return nil }
    let index = table[Int(offset)]
    return index < 0 ? nil : Int(index)
  }
}
