// SPDX-License-Identifier: Apache-2.0

import Shards

/// Features whose mean over rows would tell of 1 to 10 patients: all other rows have one and the same value, or none.
struct RareFeatures {
  /// [F]
  let columns: [Bool]
  /// [C]: observed in 1 to 10 of the rows.
  let channels: [Bool]

  /// - Parameter rows: verified, the sequences where there are `parts` of them to read.
  /// - Complexity: two passes over the rows' columns, one over their sequences.
  init(_ dataset: Dataset, _ rows: [Int], readsSequences: Bool) {
    // Boyer and Moore's vote: the value of more than half of the rows, if there is one, is what stays. NaN is a value too.
    var common = [UInt32](repeating: 0, count: dataset.columnCount)
    var votes = [Int](repeating: 0, count: dataset.columnCount)
    func mark(_ value: Float) -> UInt32 { value.isNaN ? Float.nan.bitPattern : value.bitPattern }
    for row in rows {
      for (column, value) in dataset.tabularRow(row).enumerated() {
        if votes[column] == 0 { common[column] = mark(value) }
        votes[column] += mark(value) == common[column] ? 1 : -1
      }
    }
    var others = [Int](repeating: 0, count: dataset.columnCount)
    for row in rows {
      for (column, value) in dataset.tabularRow(row).enumerated() where mark(value) != common[column] {
        others[column] += 1
      }
    }
    let few = 1..<Importance.rowCountMin
    columns = others.map { few.contains($0) && 2 * $0 < rows.count }
    var observed = [Int](repeating: 0, count: readsSequences ? dataset.channelCount : 0)
    for row in rows where readsSequences {
      let values = dataset.sequenceRow(row)
      for channel in observed.indices
      where stride(from: channel, to: values.count, by: dataset.channelCount).contains(where: { !values[$0].isNaN }) {
        observed[channel] += 1
      }
    }
    channels = observed.map { few.contains($0) && $0 < rows.count }
  }
}
