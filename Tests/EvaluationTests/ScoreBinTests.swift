// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Sweeps
import Testing

@testable import Evaluation

/// What leaves a worker of its held-out rows: bins, never rows.
@Suite struct ScoreBinTests {
  /// Scores and labels of `count` rows at a prevalence, from a seed.
  private func rows(_ count: Int, prevalence: Double, seed: UInt64) -> (scores: [Float], labels: [Float]) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func uniform() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) / Double(1 << 53)
    }
    var (scores, labels) = ([Float](), [Float]())
    for _ in 0..<count {
      let isPositive = uniform() < prevalence
      let score = isPositive ? max(uniform(), uniform()) : min(uniform(), uniform(), uniform())
      scores.append(Float(score))
      labels.append(isPositive ? 1 : 0)
    }
    return (scores, labels)
  }

  /// Goal: no bin tells of 1 to 10 rows, nor of 1 to 10 of a class. Method: 300 seeds of any size and prevalence.
  @Test func noBin_isSmall_andNoRowIsLost() {
    for seed in 1...300 as ClosedRange<UInt64> {
      let count = 1 + Int(seed * 37 % 2_000)
      let (scores, labels) = rows(count, prevalence: Double(seed % 10) / 12, seed: seed)
      let bins = scoreBins(predictions: scores, labels: labels, objective: .binary)
      let positives = labels.count { $0 == 1 }
      guard !bins.isEmpty else {
        let isSmall = count < 11 || (1..<11).contains(positives) || (1..<11).contains(count - positives)
        #expect(isSmall, "seed \(seed): no bins of \(count) rows, \(positives) positives")
        continue
      }
      for bin in bins {
        let (ones, zeros) = (Int(bin.labelSum), bin.rowCount - Int(bin.labelSum))
        #expect(bin.rowCount >= 11 && !(1..<11).contains(ones) && !(1..<11).contains(zeros), "seed \(seed): \(bin)")
      }
      #expect(bins.reduce(0) { $0 + $1.rowCount } == count)
      #expect(bins.reduce(0) { $0 + Int($1.labelSum) } == positives)
      #expect(zip(bins, bins.dropFirst()).allSatisfy { $0.low < $1.low }, "seed \(seed)")
      #expect(bins.count <= 64)
    }
  }

  /// A bound is of the grid: it is the same for every data set, so it is no row's score.
  @Test func bounds_areOfTheGrid() {
    let (scores, labels) = rows(3_000, prevalence: 0.3, seed: 5)
    for bin in scoreBins(predictions: scores, labels: labels, objective: .binary) {
      let distance = bin.low < 0.5 ? bin.low : 1 - bin.low
      #expect(distance.bitPattern & 0x3FFFF == 0, "\(bin.low)")
    }
  }

  /// Closed form: from bins as fine as these the area under the curve is the exact one to a few thousandths.
  @Test func areaFromBins_isNearTheExactOne() {
    let (scores, labels) = rows(20_000, prevalence: 0.2, seed: 9)
    var (truePositives, falsePositives, area) = (0.0, 0.0, 0.0)
    for bin in scoreBins(predictions: scores, labels: labels, objective: .binary).reversed() {
      let (ones, zeros) = (bin.labelSum, Double(bin.rowCount) - bin.labelSum)
      area += zeros * (truePositives + ones / 2)
      truePositives += ones
      falsePositives += zeros
    }
    #expect(abs(area / (truePositives * falsePositives) - auroc(scores, labels)) < 0.01)
  }

  /// Sums run in the order of the rows: twice the same bits.
  @Test func equalInputs_giveEqualBits() {
    let (scores, labels) = rows(5_000, prevalence: 0.1, seed: 3)
    #expect(
      scoreBins(predictions: scores, labels: labels, objective: .binary)
        == scoreBins(predictions: scores, labels: labels, objective: .binary))
  }

  @Test(arguments: [[Float](), [0.1, 0.2], [Float](repeating: 0.25, count: 10)])
  func tooFew_giveNothing(scores: [Float]) {
    #expect(scoreBins(predictions: scores, labels: scores.map { _ in 1 }, objective: .binary) == [])
    #expect(scoreBins(predictions: scores, labels: scores, objective: .regression) == [])
  }

  /// Every Float lies in the cell whose bound is below it, and cells ascend with values.
  @Test func grid_isMonotone() {
    let values: [Float] = [-1e9, -3.7, -1, -0.4, -1e-9, 0, 1e-9, 0.01, 0.4999, 0.5, 0.75, 1, 3.7, 1e9]
    for (one, other) in zip(values, values.dropFirst()) { #expect(ScoreGrid.cell(one) <= ScoreGrid.cell(other)) }
    for value in values { #expect(ScoreGrid.low(ScoreGrid.cell(value)) <= value) }
    var last = Int.min
    for step in 0...10_000 {
      let value = Float(step) / 10_000
      let cell = ScoreGrid.cell(probability: value)
      #expect(cell >= last && ScoreGrid.low(probabilityCell: cell) <= value, "\(value)")
      last = cell
    }
  }

  /// A stay's length: rows by prediction, with the mean of what was.
  @Test func regression_hasMeans() throws {
    let scores = (0..<500).map { Float($0) / 50 }
    let bins = scoreBins(predictions: scores, labels: scores.map { $0 * 2 }, objective: .regression)
    #expect(bins.count > 5)
    for bin in bins { #expect(abs(bin.labelSum / Double(bin.rowCount) - 2 * Double(bin.prediction)) < 1e-4) }
  }
}
