// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@testable import RecurrentNets

@Suite struct FittingTests {
  static let small: Parameters = ["hidden": .integer(8), "batch": .integer(32), "learning_rate": .real(0.01)]

  private func fit(
    _ train: (batch: SequenceBatch, labels: [Float]), held: (batch: SequenceBatch, labels: [Float])? = nil,
    objective: ObjectiveKind = .binary, _ edits: Parameters = [:], seed: UInt64 = 1,
    progress: (Int, Int) -> Bool = { _, _ in true }
  ) throws -> LSTMFit {
    let options = try LSTMOptions(Parameters(Self.small.entries + edits.entries))
    return try fitLSTM(
      train: train.batch, labels: train.labels, validation: held, objective: objective, options: options,
      seed: seed, progress: progress)
  }

  /// In real life: it is the late peak, not the peak, that foretells the outcome. Half of the rows held out.
  @Test func plantedTiming_isLearned_andShuffledLabelsAreNot() throws {
    let train = SequenceSample.planted(rowCount: 500, seed: 51)
    let held = SequenceSample.planted(rowCount: 400, seed: 52)
    let found = try fit(train, ["epochs": .integer(12)])
    #expect(areaUnderCurve(found.network.predict(held.batch), held.labels) > 0.8)
    #expect((found.trainLoss.last ?? 1) < 0.6 * found.trainLoss[0])

    var shuffled = train
    // Labels of other rows: rotated by a length that shares no factor with the rows.
    shuffled.labels = train.labels.indices.map { train.labels[($0 * 7 + 3) % 500] }
    let blind = try fit(shuffled, ["epochs": .integer(3)])
    #expect(abs(areaUnderCurve(blind.network.predict(held.batch), held.labels) - 0.5) < 0.12)
  }

  /// Goal: length of stay in its own unit. Method: the label is 40 + 10 times a mean that the pooled state can carry.
  @Test func regression_predictsInTheLabelsUnit() throws {
    var train = SequenceSample.noise(
      rowCount: 300, stepCount: 6, inputCount: 2, staticCount: 1, objective: .regression, seed: 53)
    train.labels = (0..<300).map { 40 + 10 * train.batch.statics[$0] }
    let found = try fit(train, objective: .regression, ["epochs": .integer(25), "dropout": .real(0)])
    let predictions = found.network.predict(train.batch)
    let mean = train.labels.reduce(0, +) / 300
    let error = zip(predictions, train.labels).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) / 300
    let variance = train.labels.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 300
    #expect(error < 0.1 * variance)
    #expect(abs(Double(error) - (found.trainLoss.last ?? 0)) < 0.5 * Double(error) + 0.5)
  }

  /// Goal: the weights that are handed out are those of the best epoch. Method: the reported minimum, computed once
  /// more from the net's predictions; a rate so high that the loss gets worse again, and rows 32 + 32 + 6 for a partial
  /// batch.
  @Test func earlyStopping_restoresTheBestEpoch() throws {
    let train = SequenceSample.planted(rowCount: 70, seed: 54)
    let held = SequenceSample.planted(rowCount: 150, seed: 55)
    let found = try fit(
      train, held: held, ["epochs": .integer(60), "patience": .integer(3), "learning_rate": .real(0.05)])
    let best = found.validLoss[found.bestEpoch]
    #expect(found.validLoss.allSatisfy { $0 >= best })
    #expect(found.validLoss.count == found.trainLoss.count && found.validLoss.count == found.bestEpoch + 4)
    let predictions = found.network.predict(held.batch)
    let loss = OutputLoss(.binary, labels: held.labels, positiveWeight: 1)
    var again = 0.0
    for (p, y) in zip(predictions, held.labels) {
      again += loss.row(Float.logOdds(p), y).loss
    }
    #expect(abs(again / 150 - best) < 1e-4)
    let all = try fit(
      train, held: held, ["epochs": .integer(9), "patience": .integer(0), "learning_rate": .real(0.05)])
    #expect(all.validLoss.count == 9)
    let none = try fit(train, ["epochs": .integer(3)])
    #expect(none.validLoss.isEmpty && none.bestEpoch == 2 && none.trainLoss.count == 3)
  }

  @Test(arguments: LSTMOptions.Decay.allCases)
  func sameSeed_givesTheSameBits_andAnotherSeedDoesNot(decay: LSTMOptions.Decay) throws {
    let train = SequenceSample.planted(rowCount: 75, seed: 56)
    let edits: Parameters = ["epochs": .integer(2), "decay": .text(decay.rawValue), "dropout": .real(0.3)]
    let first = try fit(train, held: train, edits)
    let second = try fit(train, held: train, edits)
    #expect(first.network.parameters.map(\.bitPattern) == second.network.parameters.map(\.bitPattern))
    #expect(first.trainLoss == second.trainLoss && first.validLoss == second.validLoss)
    #expect(first.network.predict(train.batch) == second.network.predict(train.batch))
    let other = try fit(train, held: train, edits, seed: 2)
    #expect(first.network.parameters != other.network.parameters)
  }

  /// Goal: each option does something. Method: one fit each beside the plain one.
  @Test(
    arguments: [
      ["dropout": .real(0.5)], ["weight_decay": .real(1)], ["gradient_clip": .real(0.001)],
      ["positive_weight": .real(5)],
      ["batch": .integer(16)],
    ] as [Parameters])
  func option_changesTheFit(edits: Parameters) throws {
    let train = SequenceSample.planted(rowCount: 64, seed: 57)
    let plain = try fit(train, ["epochs": .integer(1), "dropout": .real(0)])
    let edited = try fit(
      train,
      Parameters(
        [.init(name: "epochs", value: .integer(1))] + [.init(name: "dropout", value: .real(0))] + edits.entries))
    #expect(plain.network.parameters != edited.network.parameters)
  }

  /// Goal: a weight of w is w copies of the row. Method: the untrained net's loss after one epoch at a rate of nearly
  /// 0.
  @Test func positiveWeight_countsTheRowThatOften() throws {
    let train = SequenceSample.planted(rowCount: 60, seed: 58)
    let fixed: Parameters = ["epochs": .integer(1), "dropout": .real(0), "learning_rate": .real(1e-7)]
    let weighted = try fit(
      train, held: train, Parameters(fixed.entries + [.init(name: "positive_weight", value: .real(3))]))
    let predictions = weighted.network.predict(train.batch)
    var (sum, count) = (0.0, 0.0)
    for (p, y) in zip(predictions, train.labels) {
      let copies = y == 1 ? 3 : 1
      for _ in 0..<copies {
        sum -= Double.logarithm(y == 1 ? Double(p) : 1 - Double(p))
        count += 1
      }
    }
    #expect(abs(weighted.validLoss[0] - sum / count) < 1e-5)
  }

  @Test func progressAnsweringFalse_cancelsWithinAnEpoch() throws {
    let train = SequenceSample.planted(rowCount: 100, seed: 59)
    var seen: [Int] = []
    #expect(throws: RecurrentNetError.cancelled) {
      try fit(train, ["epochs": .integer(3)]) { step, stepCount in
        #expect(stepCount == 3)
        seen.append(step)
        return seen.count < 6
      }
    }
    // Four mini-batches an epoch; the last one of an epoch completes it.
    #expect(seen == [0, 0, 0, 1, 1, 1])
  }
}
