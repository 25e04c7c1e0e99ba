// SPDX-License-Identifier: Apache-2.0

import Foundation
import Shards
import Sweeps

/// A data set of any size and of MIMIC-III's shape: 714 columns, 17 channels over 48 hours, about 6.2 kB a row. Random values, so
/// nothing can be learnt from it.
func makeLargeDataset(in directory: String, rowCount: Int) throws {
  func column(_ name: String) -> FeatureColumn {
    FeatureColumn(name: name, item: name, unit: "1", window: "first 48 h", statistic: "mean")
  }
  let description = DatasetDescription(
    name: "large", outcome: .readmission30d, source: "synthetic", indexTime: "discharge",
    columns: (0..<714).map { column("column-\($0)") }, channels: (0..<17).map { column("channel-\($0)") },
    stepCount: 48,
    flow: [], createdBy: "test")
  let writer = try DatasetWriter(directory: directory, description: description)
  var state: UInt64 = 1
  func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) / Float(1 << 24)
  }
  let pool = (0..<(1 << 16)).map { _ in next() }
  for row in 0..<rowCount {
    // Another stretch of the pool for each row: random numbers one by one would take minutes.
    let start = (row &* 7_919) % (pool.count - 1_700)
    try writer.append(
      ShardRow(
        tabular: Array(pool[start..<start + 714]), sequence: Array(pool[start + 800..<start + 800 + 48 * 17]),
        label: pool[(row &* 104_729) % pool.count] < 0.15 ? 1 : 0, group: Int64(row / 2), rowID: Int64(row)))
  }
  _ = try writer.finish()
}
