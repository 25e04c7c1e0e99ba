// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters
import Randomness

/// Made-up rows with a planted signal.
struct Case {
  var values: [Float]
  var labels: [Float]
  let rowCount: Int
  let columnCount: Int

  /// A score of the first few columns, noise in the rest, and missing values that tell something in column 0.
  init(
    seed: UInt64, rowCount: Int, columnCount: Int, missing: Double = 0.2, objective: ObjectiveKind = .binary,
    decimals: Float? = nil
  ) {
    self.rowCount = rowCount
    self.columnCount = columnCount
    var random = CounterGenerator(key: derivedSeed(seed, .synthesis, rowCount, columnCount))
    values = []
    labels = []
    values.reserveCapacity(rowCount * columnCount)
    for _ in 0..<rowCount {
      var row = (0..<columnCount).map { _ in Float(random.normal()) }
      if let decimals { row = row.map { ($0 * decimals).rounded() / decimals } }
      var score =
        1.5 * row[0] - 1.2 * abs(row[columnCount > 1 ? 1 : 0]) + (row[columnCount > 2 ? 2 : 0] > 0.3 ? 1 : -0.5)
      for column in 0..<columnCount where random.uniform() < missing {
        if column == 0 { score += 1 }
        row[column] = .nan
      }
      switch objective {
      case .binary: labels.append(random.normal() * 0.8 < Double(score) ? 1 : 0)
      case .regression: labels.append(score + 0.3 * Float(random.normal()))
      }
      values += row
    }
  }

  init(values: [Float], labels: [Float], columnCount: Int) {
    self.values = values
    self.labels = labels
    self.columnCount = columnCount
    rowCount = labels.count
  }

  func binned(_ binCountMax: Int = 255) -> BinnedMatrix {
    values.withUnsafeBufferPointer {
      BinnedMatrix(binning: $0, rowCount: rowCount, columnCount: columnCount, binCountMax: binCountMax)
    }
  }

  func fit(
    _ parameters: Parameters = [:], objective: ObjectiveKind = .binary, seed: UInt64 = 1, validation: Case? = nil,
    histogramByteCountMax: Int = 256 << 20, progress: (Int, Int) -> Bool = { _, _ in true }
  ) throws -> BoosterFit {
    let options = try BoosterOptions(parameters)
    let train = binned(options.binCountMax)
    guard let validation else {
      return try fitBooster(
        train: train, labels: labels, validation: nil, objective: objective, options: options, seed: seed,
        histogramByteCountMax: histogramByteCountMax, progress: progress)
    }
    // A closure of rethrowing library functions loses the error's type: hence the copy out of it.
    let result = validation.values.withUnsafeBufferPointer { values in
      Result { () throws(BoosterError) in
        try fitBooster(
          train: train, labels: labels, validation: (values, validation.labels), objective: objective,
          options: options, seed: seed, histogramByteCountMax: histogramByteCountMax, progress: progress)
      }
    }
    return try result.get()
  }
}

extension Booster {
  func predict(_ rows: Case) -> [Float] {
    rows.values.withUnsafeBufferPointer { predict($0, rowCount: rows.rowCount) }
  }

  func scores(_ rows: Case) -> [Double] {
    rows.values.withUnsafeBufferPointer { scores($0, rowCount: rows.rowCount) }
  }
}

/// Area under the ROC curve by ranks, ties counted half.
func auroc(_ predictions: [Float], _ labels: [Float]) -> Double {
  let order = predictions.indices.sorted { predictions[$0] < predictions[$1] }
  var rankSum = 0.0
  var start = 0
  while start < order.count {
    var end = start
    while end < order.count, predictions[order[end]] == predictions[order[start]] { end += 1 }
    let rank = Double(start + end + 1) / 2
    for index in order[start..<end] where labels[index] > 0 { rankSum += rank }
    start = end
  }
  let positives = Double(labels.count { $0 > 0 })
  return (rankSum - positives * (positives + 1) / 2) / (positives * (Double(labels.count) - positives))
}

/// 1 − residual sum of squares ÷ total sum of squares.
func r2(_ predictions: [Float], _ labels: [Float]) -> Double {
  let mean = labels.reduce(0) { $0 + Double($1) } / Double(labels.count)
  let residual = zip(predictions, labels).reduce(0) {
    $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
  }
  let total = labels.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
  return 1 - residual / total
}
