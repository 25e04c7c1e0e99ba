// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@testable import RecurrentNets

/// Several heads on one network.
@Suite struct HeadTests {
  private let train = SequenceSample.planted(rowCount: 70, seed: 91)
  private let held = SequenceSample.planted(rowCount: 40, seed: 92)
  private static let further: [Float] = (0..<70).map { $0 % 5 == 0 ? .nan : Float($0 % 9) }

  /// - Parameter heldFurther: of the validation rows; nil gives those of the first head alone.
  private func training(
    _ edits: Parameters = [:], further: [Float] = further, weight: Double = 0.5, isWeighted: Bool = false,
    objective: ObjectiveKind = .regression, heldFurther: [Float]? = nil
  ) throws -> LSTMTraining {
    let fixed: Parameters = [
      "hidden": .integer(6), "batch": .integer(32), "epochs": .integer(4), "dropout": .real(0.2),
      "learning_rate": .real(0.02),
    ]
    return try LSTMTraining(
      train: train.batch,
      targets: [
        SequenceTarget(labels: train.labels, objective: .binary),
        SequenceTarget(labels: further, objective: objective, weight: weight, isWeighted: isWeighted),
      ],
      validation: (held.batch, [held.labels] + (heldFurther.map { [$0] } ?? [])),
      options: LSTMOptions(Parameters(fixed.entries + edits.entries)), seed: 3)
  }

  private func fitted(_ training: LSTMTraining) throws -> LSTMFit {
    var training = training
    while !training.isFinished { try training.runEpoch { _, _ in true } }
    return training.fit
  }

  /// Goal: the first head alone decides when to stop, in its own loss. Method: the reported minimum once more, from predictions.
  @Test func validationOfTheFirstHead_isItsOwnLoss() throws {
    let fit = try fitted(training())
    let loss = OutputLoss(.binary, labels: held.labels, positiveWeight: 1)
    let again = zip(fit.network.predict(held.batch), held.labels).reduce(0.0) {
      $0 + loss.row(Float.logOdds($1.0), $1.1).loss
    }
    #expect(abs(again / 40 - fit.validLoss[fit.bestEpoch]) < 1e-4)
    let both = try fitted(training(heldFurther: (0..<40).map { Float($0 % 9) }))
    #expect(both.validLoss[0] > fit.validLoss[0] + 0.1, "the second head's loss is not in it")
    #expect(both.trainLoss == fit.trainLoss)
  }

  /// The same of a regression: its loss stays in its label's unit squared, as without further heads.
  @Test func validationOfARegression_isInItsOwnUnit() throws {
    func labels(_ batch: SequenceBatch) -> [Float] { batch.statics.map { 40 + 10 * $0 } }
    let training = try LSTMTraining(
      train: train.batch,
      targets: [
        SequenceTarget(labels: labels(train.batch), objective: .regression),
        SequenceTarget(labels: train.labels, objective: .binary, isWeighted: false),
      ], validation: (held.batch, [labels(held.batch)]),
      options: LSTMOptions(["hidden": .integer(6), "epochs": .integer(3)]), seed: 3)
    let fit = try fitted(training)
    let error = zip(fit.network.predict(held.batch), labels(held.batch)).reduce(0.0) {
      $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
    }
    #expect(abs(error / 40 / fit.validLoss[fit.bestEpoch] - 1) < 1e-3)
  }

  /// Goal: a row whose further label is unknown teaches the further head nothing. Method: a head of which two rows are known; where its
  /// other labels are unknown too, another value there cannot be told from none.
  @Test func unknownLabels_teachNothing() throws {
    var few = [Float](repeating: .nan, count: 70)
    (few[3], few[4]) = (1, 0)
    let first = try fitted(training(further: few, objective: .binary))
    #expect(first.network.parameters.allSatisfy { $0.isFinite })
    #expect(first.trainLoss.allSatisfy { $0.isFinite })
    // Another NaN's bits.
    for row in 5..<70 { few[row] = Float(nan: UInt32(row), signaling: false) }
    let same = try fitted(training(further: few, objective: .binary))
    #expect(first.network.parameters == same.network.parameters)
    few[5] = 1
    let other = try fitted(training(further: few, objective: .binary))
    #expect(first.network.parameters != other.network.parameters)
  }

  /// A head learns its own label, in its own unit, where it is known.
  @Test func furtherHead_learnsItsLabel() throws {
    let labels = (0..<70).map { $0 % 5 == 0 ? Float.nan : 40 + 10 * train.batch.statics[$0] }
    let fit = try fitted(
      training(["epochs": .integer(120), "dropout": .real(0), "patience": .integer(0)], further: labels))
    let predictions = fit.network.predictAll(train.batch)
    #expect(predictions.count == 2)
    let known = labels.indices.filter { !labels[$0].isNaN }
    let error = known.reduce(Float(0)) { $0 + (predictions[1][$1] - labels[$1]) * (predictions[1][$1] - labels[$1]) }
    #expect(error / Float(known.count) < 30, "the labels' variance is about 100")
  }

  /// `positive_weight` and the focal exponent are chosen for the outcome's classes, not for another's.
  @Test func classWeights_areForTheHeadThatIsWeighted() throws {
    let options = try LSTMOptions(["positive_weight": .real(7), "focal_gamma": .real(2)])
    let labels: [Float] = [0, 1, .nan]
    let heads = HeadLosses(
      [
        SequenceTarget(labels: labels, objective: .binary),
        SequenceTarget(labels: labels, objective: .binary, isWeighted: false),
      ], options: options)
    #expect(heads.losses[0].row(0, 1).weight == 7 && heads.losses[1].row(0, 1).weight == 1)
    #expect(heads.losses[1].focalGamma == 0 && heads.losses[0].focalGamma == 2)
  }

  /// In real life: a node is preempted after two epochs of a fit with two heads.
  @Test func resumedTraining_endsInTheSameBits_andOtherHeadsAreRefused() throws {
    let whole = try fitted(training())
    var first = try training()
    for _ in 0..<2 { try first.runEpoch { _, _ in true } }
    let saved = first.checkpoint()
    var second = try training()
    try second.resume(saved)
    #expect(second.checkpoint() == saved)
    let resumed = try fitted(second)
    #expect(resumed.network.parameters.map(\.bitPattern) == whole.network.parameters.map(\.bitPattern))
    #expect(resumed.trainLoss == whole.trainLoss && resumed.validLoss == whole.validLoss)

    var changed = Self.further
    changed[6] += 1
    func refuses(_ training: LSTMTraining) -> Bool {
      var training = training
      do throws(RecurrentNetError) {
        try training.resume(saved)
        return false
      } catch { return error.code == .badCheckpoint }
    }
    #expect(refuses(try training(further: changed)))
    #expect(refuses(try training(weight: 0.25)))
    #expect(refuses(try training(isWeighted: true)))
    #expect(refuses(try training(heldFurther: (0..<40).map { Float($0 % 9) })))
    #expect(!refuses(try training()))
  }

  @Test func moreValidationLabelsThanHeads_areRefused() throws {
    let options = try LSTMOptions()
    func refusal(_ labels: [[Float]]) -> RecurrentNetError? {
      do throws(RecurrentNetError) {
        _ = try LSTMTraining(
          train: train.batch, targets: [SequenceTarget(labels: train.labels, objective: .binary)],
          validation: (held.batch, labels), options: options, seed: 1)
        return nil
      } catch { return error }
    }
    #expect(refusal([])?.code == .badShape && refusal([held.labels, held.labels])?.code == .badShape)
    #expect(refusal([held.labels]) == nil)
  }
}
