// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters

extension BoosterBench {
  /// 20 settings × 5 folds, as a sweep would: each fold binned once, all settings trained and scored on it. The settings
  /// are those of `bench.py`, read from FILE.settings: a line each of `leaves rate min_leaf l2 columns rows`.
  static func sweep(_ rows: RawRows) throws {
    let lines = String(decoding: readBytes(rows.path + ".settings"), as: UTF8.self).split(separator: "\n")
    var binning = 0.0
    var training = 0.0
    var predicting = 0.0
    var sum = 0.0
    for fold in 0..<5 {
      let fitted = (0..<rows.rowCount).filter { $0 % 5 != fold }
      let held = rows.gather((0..<rows.rowCount).filter { $0 % 5 == fold })
      let labels = fitted.map { rows.labels[$0] }
      let values = rows.gather(fitted)
      var start = cpuSeconds()
      let matrix = values.withUnsafeBufferPointer {
        BinnedMatrix(
          binning: $0, rowCount: fitted.count, columnCount: rows.columnCount, binCountMax: 255, rowsPerBinMin: 3)
      }
      binning += cpuSeconds() - start
      for line in lines {
        let numbers = line.split(separator: " ").compactMap { Double($0) }
        let options = try BoosterOptions([
          "trees": .integer(Int64(numbers[6])), "patience": .integer(0), "leaves": .integer(Int64(numbers[0])),
          "learning_rate": .real(numbers[1]), "min_leaf": .integer(Int64(numbers[2])), "l2": .real(numbers[3]),
          "column_sample": .real(numbers[4]), "subsample": .real(numbers[5]),
        ])
        start = cpuSeconds()
        let fit = try fitBooster(
          train: matrix, labels: labels, validation: nil, objective: .binary, options: options, seed: 1
        ) { _, _ in true }
        training += cpuSeconds() - start
        start = cpuSeconds()
        let predictions = held.withUnsafeBufferPointer {
          fit.booster.predict($0, rowCount: held.count / rows.columnCount)
        }
        predicting += cpuSeconds() - start
        sum += predictions.reduce(0) { $0 + Double($1) }
      }
    }
    print("{\"bin\": \(binning), \"train\": \(training), \"predict\": \(predicting), \"checksum\": \"\(sum)\"}")
  }
}
