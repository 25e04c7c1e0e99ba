// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters
import LinearModels
import RecurrentNets
package import Shards

extension FinishedModel {
  /// Rows that are prepared at a time.
  static let blockRows = 4_096

  /// Where the model comes from.
  ///
  /// - Throws: `.versionUnknown` for trees whose file does not say it: their columns are known by number alone, and another
  ///   data set's could not be told from theirs.
  package func requiredOrigin() throws(ModelError) -> ModelOrigin {
    guard let origin else {
      throw ModelError(
        .versionUnknown, path: path, subject: "header `\(ModelOrigin.key)`",
        expected: "the names of the columns that the trees were fitted to", found: "none",
        advice: "\(ModelError.fitAgain); a model of LightGBM's own is for LightGBM")
    }
    return origin
  }

  /// Holds a data set's columns against those that the model was fitted to: names, units and order of what it reads.
  ///
  /// - Throws: `.otherColumns`, naming the first that differs.
  package func check(_ manifest: Manifest) throws(ModelError) {
    let origin = try requiredOrigin()
    try check(origin.columns, ModelOrigin.columns(manifest.columns), "column", manifest)
    guard origin.learner == .lstm else { return }
    try check(origin.channels, ModelOrigin.columns(manifest.channels), "channel", manifest)
    guard origin.stepCount == manifest.stepCount else {
      throw otherColumns("steps", "\(origin.stepCount) hours", "\(manifest.stepCount)", manifest)
    }
  }

  private func check(
    _ expected: [ModelOrigin.Column], _ found: [ModelOrigin.Column], _ kind: String, _ manifest: Manifest
  ) throws(ModelError) {
    let names = Set(found.map(\.name))
    if let missing = expected.first(where: { !names.contains($0.name) }) {
      throw otherColumns(
        "\(kind)s", "\(expected.count), among them \(missing.name)", "\(found.count) without it", manifest)
    }
    for (index, (left, right)) in zip(expected, found).enumerated() where left != right {
      let isUnit = left.name == right.name
      throw otherColumns(
        "\(kind) \(index)", isUnit ? "\(left.name) in \(left.unit)" : left.name, isUnit ? right.unit : right.name,
        manifest)
    }
    guard expected.count == found.count else {
      let known = Set(expected.map(\.name))
      let more = found.first { !known.contains($0.name) }?.name ?? "one more"
      throw otherColumns("\(kind)s", "\(expected.count)", "\(found.count), among them \(more)", manifest)
    }
  }

  private func otherColumns(
    _ subject: String, _ expected: String, _ found: String, _ manifest: Manifest
  ) -> ModelError {
    ModelError(
      .otherColumns, path: path, subject: "data set \(manifest.name), \(subject)", expected: expected, found: found,
      advice: "name the data set that it was fitted to, or one prepared alike")
  }

  /// Probabilities, or values in the label's unit: one array a head.
  ///
  /// The rows in the order of the fit's held-out ones give the very bits that were recorded. Trees and lines predict each row by
  /// itself; a network's last bits may depend on the rows beside it.
  ///
  /// - Parameter rows: of a data set that passed `check`, verified.
  package func predictions(_ dataset: Dataset, _ rows: [Int]) throws(ModelError) -> [[Float]] {
    let predictions: [[Float]]
    switch content {
    case .trees(let booster):
      let predictor = BoosterPredictor(booster)
      predictions = [
        dataset.inBlocks(rows) { block, values in predictor.predict(values, rowCount: block.count) }
      ]
    case .line(let line):
      predictions = [
        rows.blocks.flatMap { block in
          line.scaling.apply(dataset, Array(block)).withUnsafeBufferPointer { values in
            line.fit.predict(values, rowCount: block.count)
          }
        }
      ]
    case .network(let network):
      predictions = network.network.predictAll(network.preparation.rows(dataset, rows))
    }
    guard predictions.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw ModelError(
        .damaged, path: path, subject: "weights", expected: "finite predictions", found: "another",
        advice: ModelError.fitAgain)
    }
    return predictions
  }

  /// Predictions of the first head with dropout left on. A row's interval depends on its number and the seed, not on the rows beside
  /// it.
  ///
  /// - Throws: `.unsupported` for other learners, and for a network that was fitted without dropout.
  package func intervals(
    _ dataset: Dataset, _ rows: [Int], drawCount: Int, coverage: Double, seed: UInt64
  ) throws(ModelError) -> [PredictionBand] {
    guard case .network(let fitted) = content else {
      throw ModelError(
        .unsupported, path: path, subject: "--intervals", expected: "an LSTM, which has dropout", found: learnerName,
        advice: "leave --intervals out")
    }
    guard fitted.dropout > 0 || fitted.variationalDropout > 0 else {
      throw ModelError(
        .unsupported, path: path, subject: "--intervals",
        expected: "a network that was fitted with `dropout` or `variational_dropout`", found: "none of either",
        advice: "leave --intervals out, or fit one with dropout")
    }
    return fitted.network.dropoutIntervals(
      fitted.preparation.rows(dataset, rows), dropout: fitted.dropout, variationalDropout: fitted.variationalDropout,
      drawCount: drawCount, coverage: coverage, seed: seed, keys: rows
    ).map { PredictionBand(mean: $0.mean, low: $0.low, high: $0.high) }
  }
}

/// Of a prediction under draws of dropout.
package struct PredictionBand: Hashable, Sendable {
  package let mean: Float
  package let low: Float
  package let high: Float
}

extension Dataset {
  /// Row-major [rows, F] a block at a time, NaN where missing; the blocks' answers one after another.
  func inBlocks<Value>(
    _ rows: [Int], _ body: (ArraySlice<Int>, UnsafeBufferPointer<Float>) -> [Value]
  ) -> [Value] {
    rows.blocks.flatMap { block in
      var values: [Float] = []
      values.reserveCapacity(block.count * columnCount)
      for row in block { values.append(contentsOf: tabularRow(row)) }
      return values.withUnsafeBufferPointer { body(block, $0) }
    }
  }
}

extension [Int] {
  /// A bounded number at a time.
  var blocks: [ArraySlice<Int>] {
    stride(from: 0, to: count, by: FinishedModel.blockRows).map {
      self[$0..<Swift.min($0 + FinishedModel.blockRows, count)]
    }
  }
}
