// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import RecurrentNets
import Testing

@Suite struct InputTests {
  /// In real life: the fold's scaler met a channel that no training row has, and divided by zero.
  @Test func badInput_isRefusedWithItsPlace() throws {
    typealias Rows = (batch: SequenceBatch, labels: [Float])
    let good = SequenceSample.noise(
      rowCount: 6, stepCount: 4, inputCount: 3, staticCount: 2, objective: .binary, seed: 61)
    func refusal(
      _ objective: ObjectiveKind = .binary, _ parameters: Parameters = ["hidden": .integer(2), "epochs": .integer(1)],
      isValidation: Bool = false, _ edit: (inout Rows) -> Void
    ) throws -> RecurrentNetError? {
      var rows = good
      edit(&rows)
      let options = try LSTMOptions(parameters)
      let train = isValidation ? good : rows
      do {
        _ = try fitLSTM(
          train: train.batch, labels: train.labels, validation: isValidation ? rows : nil, objective: objective,
          options: options, seed: 1, progress: { _, _ in true })
        return nil
      } catch { return error }
    }
    #expect(try refusal { _ in } == nil)
    #expect(try refusal { $0.batch.inputs[17] = .nan }?.subject == "train inputs, row 1, step 1, channel 2")
    #expect(try refusal { $0.batch.inputs[17] = .nan }?.code == .badInput)
    #expect(try refusal { $0.batch.elapsed[5] = -1 }?.subject == "train elapsed, row 1, step 1")
    #expect(try refusal { $0.batch.elapsed[5] = .infinity }?.code == .badInput)
    #expect(try refusal { $0.batch.statics[3] = .nan }?.subject == "train statics, row 1, column 1")
    #expect(try refusal { $0.batch.inputs.removeLast() }?.code == .badShape)
    #expect(try refusal { $0.batch.elapsed.removeLast() }?.code == .badShape)
    #expect(try refusal { $0.batch.statics.removeLast() }?.code == .badShape)
    #expect(try refusal { $0.batch.rowCount = 0 }?.code == .badShape)
    #expect(try refusal { $0.batch.rowCount = .max }?.code == .badShape)
    #expect(try refusal { $0.labels.removeLast() }?.code == .badShape)
    #expect(try refusal { $0.labels[2] = 0.5 }?.code == .badLabel)
    #expect(try refusal(.regression) { $0.labels[2] = 0.5 } == nil)
    #expect(try refusal(.regression) { $0.labels[2] = .infinity }?.subject == "train labels, row 2")
    #expect(try refusal(.regression) { $0.labels[2] = .nan } == nil)
    #expect(try refusal(.regression) { $0.labels = [Float](repeating: .nan, count: 6) }?.code == .badLabel)
    #expect(try refusal { $0.batch.channelCount = 2 }?.subject == "train channels")
    #expect(try refusal { $0.labels = [Float](repeating: 1, count: 6) }?.code == .oneClass)
    #expect(try refusal(isValidation: true) { $0.labels = [Float](repeating: 1, count: 6) } == nil)
    #expect(try refusal(isValidation: true) { $0.batch.inputs[0] = .nan }?.subject.hasPrefix("validation") == true)
    #expect(
      try refusal(isValidation: true) {
        $0.batch.staticCount = 1
        $0.batch.statics.removeLast(6)
      }?.description
        == "validation: badShape: expected 3 channels and 2 statics, as in training, found 3 and 1")
  }

  /// In real life: a sweep's upper corner asks for more memory than a worker has.
  @Test func hugeMiniBatch_isRefusedBeforeItIsAllocated() throws {
    let steps = 60_000
    let rows = SequenceSample.noise(
      rowCount: 2, stepCount: steps, inputCount: 1, staticCount: 0, objective: .regression, seed: 62)
    let options = try LSTMOptions(["hidden": .integer(4_096)])
    #expect {
      try fitLSTM(
        train: rows.batch, labels: rows.labels, validation: nil, objective: .regression, options: options, seed: 1,
        progress: { _, _ in true })
    } throws: {
      ($0 as? RecurrentNetError)?.code == .tooLarge
    }
  }

  /// In real life: someone sweeps the learning rate up to 1. Bad fits are fine, crashes and NaN are not.
  @Test func largestRate_endsInNumbersOrInDiverged() throws {
    let rows = SequenceSample.noise(
      rowCount: 40, stepCount: 5, inputCount: 3, staticCount: 1, objective: .regression, seed: 63)
    let options = try LSTMOptions([
      "hidden": .integer(4), "learning_rate": .real(1), "weight_decay": .real(10), "gradient_clip": .real(1e6),
      "epochs": .integer(30),
    ])
    do throws(RecurrentNetError) {
      let fit = try fitLSTM(
        train: rows.batch, labels: rows.labels, validation: rows, objective: .regression, options: options, seed: 1,
        progress: { _, _ in true })
      #expect(fit.network.predict(rows.batch).allSatisfy { $0.isFinite })
    } catch {
      #expect(error.code == .diverged)
    }
  }
}
