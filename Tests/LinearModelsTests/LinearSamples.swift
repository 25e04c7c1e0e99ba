// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import LinearModels
import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Rows drawn from a known linear model; each third column repeats its neighbour with noise, as laboratory values do.
struct LinearSample {
  var values: [Float]
  var labels: [Float]
  let rowCount: Int
  let columnCount: Int

  init(rowCount: Int, columnCount: Int, objective: ObjectiveKind, seed: UInt64, noise: Double = 0.5) {
    self.rowCount = rowCount
    self.columnCount = columnCount
    var random = CounterGenerator(key: derivedSeed(seed, .synthesis))
    values = []
    labels = []
    for _ in 0..<rowCount {
      var row: [Double] = []
      for column in 0..<columnCount {
        row.append(column % 3 == 2 ? 0.9 * row[column - 1] + 0.4 * random.normal() : random.normal())
      }
      var margin = -0.7 + noise * random.normal()
      for column in 0..<columnCount where column % 4 < 2 { margin += (column % 2 == 0 ? 0.6 : -0.4) * row[column] }
      values += row.map { Float($0) }
      switch objective {
      case .binary: labels.append(random.uniform() < 1 / (1 + exp(-margin)) ? 1 : 0)
      case .regression: labels.append(Float(3 + 2 * margin))
      }
    }
  }

  func fit(
    _ objective: ObjectiveKind, _ parameters: Parameters, progress: (Int, Int) -> Bool = { _, _ in true }
  ) throws -> LinearFit {
    let options = try LinearOptions(parameters)
    return try values.withUnsafeBufferPointer { values in
      try fitLinear(
        values: values, rowCount: rowCount, columnCount: columnCount, labels: labels, objective: objective,
        options: options, progress: progress)
    }
  }

  func x(_ row: Int, _ column: Int) -> Double { Double(values[row * columnCount + column]) }

  /// ∂(mean loss)/∂w and /∂b, written down from the definition.
  func lossGradient(
    _ objective: ObjectiveKind, weights: [Double], intercept: Double, positiveWeight: Double = 1
  ) -> (weights: [Double], intercept: Double) {
    var gradient = [Double](repeating: 0, count: columnCount)
    var interceptGradient = 0.0
    var total = 0.0
    for row in 0..<rowCount {
      var margin = intercept
      for column in 0..<columnCount { margin += x(row, column) * weights[column] }
      let label = Double(labels[row])
      let weight = objective == .binary && label == 1 ? positiveWeight : 1
      let prediction = objective == .binary ? 1 / (1 + exp(-margin)) : margin
      let slope = weight * (prediction - label)
      for column in 0..<columnCount { gradient[column] += slope * x(row, column) }
      interceptGradient += slope
      total += weight
    }
    return (gradient.map { $0 / total }, interceptGradient / total)
  }
}
