// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps

@testable import Shards

/// A directory of its own for one test, gone with it.
final class Scratch {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "shards-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)) }

  func write(_ data: Data, _ name: String) throws { try data.write(to: URL(fileURLWithPath: path + "/" + name)) }

  func names(_ directory: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path + "/" + directory).sorted()
  }
}

enum Sample {
  static func columns(_ count: Int, _ prefix: String) -> [FeatureColumn] {
    (0..<count).map {
      FeatureColumn(
        name: "\(prefix)\($0)", item: "item \"\($0)\"\n", unit: "mmol/L", window: "last 6 h", statistic: "mean")
    }
  }

  static func description(_ outcome: Outcome = .readmission30d, columns: Int = 3, channels: Int = 2, steps: Int = 4)
    -> DatasetDescription
  {
    DatasetDescription(
      name: "sample", outcome: outcome, source: "synthetic", indexTime: "discharge",
      columns: self.columns(columns, "c"),
      channels: self.columns(channels, "ch"), stepCount: steps, flow: [FlowStep(reason: "all", count: 40)],
      createdBy: "tests")
  }

  /// Values of every kind a float can be, but infinite: NaNs, a signed zero, a subnormal, the largest.
  static func value(_ row: Int, _ place: Int) -> Float {
    switch (row * 7 + place) % 11 {
    case 0: .nan
    case 1: -0.0
    case 2: .leastNonzeroMagnitude
    case 3: -.greatestFiniteMagnitude
    default: Float(row) * 0.37 - Float(place) / 3
    }
  }

  static func row(_ i: Int, _ description: DatasetDescription) -> ShardRow {
    let count = description.columns.count
    let label: Float = description.outcome == .lengthOfStay ? Float(i) * 0.25 : Float(i % 3 == 0 ? 1 : 0)
    return ShardRow(
      tabular: (0..<count).map { value(i, $0) },
      sequence: (0..<description.stepCount * description.channels.count).map { value(i, count + $0) }, label: label,
      group: Int64(i / 2), rowID: Int64(i) << 33)
  }

  @discardableResult static func write(
    _ directory: String, rows: Int = 40, perShard: Int = 15, _ description: DatasetDescription = description()
  ) throws -> Manifest {
    let writer = try DatasetWriter(directory: directory, description: description, rowsPerShard: perShard)
    for i in 0..<rows { try writer.append(row(i, description)) }
    return try writer.finish()
  }
}

func shardError(_ body: () throws -> Void) -> ShardError? {
  do {
    try body()
    return nil
  } catch {
    return error as? ShardError
  }
}
