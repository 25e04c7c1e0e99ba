// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters
import LinearModels
import RecurrentNets
package import Shards

extension FinishedModel {
  /// Rows that are explained at a time.
  private static let explainedRows = 256

  /// What each feature adds to each row's raw score.
  ///
  /// Trees by Shapley values along their paths, lines by weight times standardised value (with the weight for absence), networks by
  /// integrated gradients, and the attention of each hour.
  ///
  /// - Parameters:
  ///   - rows: of a data set that passed `check`, verified.
  ///   - head: of a network with several.
  ///   - pointCount: of the rule for the gradients.
  /// - Throws: `.unsupported` for a head that the model has not.
  package func explanations(
    _ dataset: Dataset, _ rows: [Int], head: Int = 0, pointCount: Int = 64
  ) throws(ModelError) -> [Explanation] {
    let headCount = origin?.heads.count ?? 1
    guard (0..<headCount).contains(head) else {
      throw ModelError(
        .unsupported, path: path, subject: "head \(head)", expected: "0 to \(headCount - 1)", found: "\(head)",
        advice: "`muster model show` lists them")
    }
    switch content {
    case .trees(let booster): return explain(booster, dataset, rows)
    case .line(let line): return explain(line, dataset, rows)
    case .network(let network):
      // Small blocks: the gradients of a row are T × 3C numbers.
      return stride(from: 0, to: rows.count, by: Self.explainedRows).flatMap { first in
        explain(network, dataset, Array(rows[first..<min(first + Self.explainedRows, rows.count)]), head, pointCount)
      }
    }
  }

  /// The same as means over rows; one block of rows is held at a time. A feature that 1 to 10 rows have to themselves has none.
  ///
  /// - Throws: `.badRows` for fewer than 11 rows.
  package func importance(
    _ dataset: Dataset, _ rows: [Int], head: Int = 0, pointCount: Int = 64
  ) throws(ModelError) -> Importance {
    guard rows.count >= Importance.rowCountMin else {
      throw ModelError(
        .badRows, path: path, subject: "importance",
        expected: "at least \(Importance.rowCountMin) rows: fewer are not shown together", found: "\(rows.count)",
        advice: "take more rows, or explain single ones with --rows")
    }
    var sums = ImportanceSums()
    for first in stride(from: 0, to: rows.count, by: Self.explainedRows) {
      let block = Array(rows[first..<min(first + Self.explainedRows, rows.count)])
      for explanation in try explanations(dataset, block, head: head, pointCount: pointCount) {
        sums.add(explanation, channelCount: dataset.channelCount)
      }
    }
    let rare = RareFeatures(dataset, rows, readsSequences: origin?.parts.contains(.sequence) == true)
    return sums.means(rows.count, without: rare)
  }

  private func explain(_ booster: Booster, _ dataset: Dataset, _ rows: [Int]) -> [Explanation] {
    let attribution = Attribution(booster)
    let width = booster.columnCount + 1
    return dataset.inBlocks(rows) { block, values in
      let contributions = attribution.values(values, rowCount: block.count)
      let scores = booster.scores(values, rowCount: block.count)
      return block.enumerated().map { place, row in
        Explanation(
          row: row, base: attribution.expectedScore, score: scores[place],
          columns: Array(contributions[place * width..<(place + 1) * width - 1]), channels: [], attention: [])
      }
    }
  }

  private func explain(_ line: FittedLine, _ dataset: Dataset, _ rows: [Int]) -> [Explanation] {
    let (columnCount, width) = (dataset.columnCount, line.scaling.outputCount)
    return rows.blocks.flatMap { block in
      line.scaling.apply(dataset, Array(block)).withUnsafeBufferPointer { values in
        let scores = line.fit.margins(values, rowCount: block.count)
        return block.enumerated().map { place, row in
          func part(_ output: Int) -> Double { line.fit.weights[output] * Double(values[place * width + output]) }
          var columns = (0..<columnCount).map(part)
          for (index, column) in line.scaling.indicators.enumerated() { columns[column] += part(columnCount + index) }
          return Explanation(
            row: row, base: line.fit.intercept, score: scores[place], columns: columns, channels: [], attention: [])
        }
      }
    }
  }

  private func explain(
    _ fitted: FittedNetwork, _ dataset: Dataset, _ rows: [Int], _ head: Int, _ pointCount: Int
  ) -> [Explanation] {
    let prepared = fitted.preparation.rows(dataset, rows)
    let (steps, channels, columns) = (dataset.stepCount, dataset.channelCount, dataset.columnCount)
    let gradients = fitted.network.integratedGradients(prepared, head: head, pointCount: pointCount)
    let attention = fitted.network.attention(prepared)
    let link = fitted.network.headLinks[head]
    return rows.enumerated().map { place, row in
      let cells = (0..<steps * channels).map { cell in
        let (step, channel) = cell.quotientAndRemainder(dividingBy: channels)
        let first = (place * steps + step) * 3 * channels + channel
        return (0..<3).reduce(0.0) { $0 + Double(gradients.inputs[first + $1 * channels]) } * link.labelScale
      }
      return Explanation(
        row: row, base: Double(gradients.baselines[place]) * link.labelScale + link.labelMean,
        score: Double(gradients.outputs[place]) * link.labelScale + link.labelMean,
        columns: gradients.statics[place * columns..<(place + 1) * columns].map { Double($0) * link.labelScale },
        channels: cells, attention: attention[place * steps..<(place + 1) * steps].map(Double.init))
    }
  }
}

/// Running sums of absolute contributions.
private struct ImportanceSums {
  private var base = 0.0
  private var columns: [Double] = []
  private var channels: [Double] = []
  private var attention: [Double] = []
  private var rest = 0.0

  mutating func add(_ explanation: Explanation, channelCount: Int) {
    base += explanation.base
    rest += abs(explanation.rest)
    Self.add(explanation.columns.map(abs), to: &columns)
    Self.add(explanation.channelSums(channelCount).map(abs), to: &channels)
    Self.add(explanation.attention, to: &attention)
  }

  func means(_ count: Int, without rare: RareFeatures) -> Importance {
    let share = 1 / Double(count)
    return Importance(
      rowCount: count, base: base * share, columns: zip(columns, rare.columns).map { $1 ? nil : $0 * share },
      channels: zip(channels, rare.channels).map { $1 ? nil : $0 * share },
      attention: attention.map { $0 * share }, rest: rest * share)
  }

  private static func add(_ values: [Double], to sums: inout [Double]) {
    if sums.isEmpty { sums = [Double](repeating: 0, count: values.count) }
    for (index, value) in values.enumerated() { sums[index] += value }
  }
}
