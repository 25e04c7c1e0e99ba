// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import LinearModels
import Testing

@Suite struct LinearFittingTests {
  @Test(arguments: [ObjectiveKind.binary, .regression])
  func sameArguments_giveTheSameBits(objective: ObjectiveKind) throws {
    let sample = LinearSample(rowCount: 300, columnCount: 21, objective: objective, seed: 8)
    let first = try sample.fit(objective, ["l1": .real(0.01)])
    let second = try sample.fit(objective, ["l1": .real(0.01)])
    #expect(first.weights.map(\.bitPattern) == second.weights.map(\.bitPattern))
    #expect(first.loss.map(\.bitPattern) == second.loss.map(\.bitPattern))
  }

  /// Goal: the curve is the objective, and it never rises. Method: first entry against the entropy of the prevalence.
  @Test func lossCurve_fallsFromTheConstantPrediction() throws {
    var sample = LinearSample(rowCount: 400, columnCount: 10, objective: .binary, seed: 9)
    for row in 0..<400 { sample.labels[row] = row % 4 == 0 ? 1 : 0 }
    let fit = try sample.fit(.binary, ["l1": .real(0.005)])
    #expect(abs(fit.loss[0] - 0.562_335_144_618_808_3) < 1e-12)
    #expect(zip(fit.loss, fit.loss.dropFirst()).allSatisfy { $0 + 1e-12 >= $1 })
    #expect(fit.loss.count == fit.iterationCount + 1)
  }

  @Test func predictions_areProbabilitiesOrTheLabelsUnit() throws {
    let binary = LinearSample(rowCount: 300, columnCount: 6, objective: .binary, seed: 10)
    let odds = try binary.fit(.binary, [:])
    let probabilities = binary.values.withUnsafeBufferPointer { odds.predict($0, rowCount: 300) }
    let mean = probabilities.reduce(0, +) / 300
    // A free intercept makes the mean prediction equal the prevalence.
    #expect(abs(mean - binary.labels.reduce(0, +) / 300) < 1e-5)
    #expect(probabilities.allSatisfy { $0 > 0 && $0 < 1 })

    let stays = LinearSample(rowCount: 300, columnCount: 6, objective: .regression, seed: 10, noise: 0)
    let exact = try stays.fit(.regression, ["l2": .real(0)])
    let predictions = stays.values.withUnsafeBufferPointer { exact.predict($0, rowCount: 300) }
    #expect(zip(predictions, stays.labels).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func iterationLimit_endsTheFitAndSaysSo() throws {
    let sample = LinearSample(rowCount: 300, columnCount: 6, objective: .binary, seed: 11)
    let fit = try sample.fit(.binary, ["iterations": .integer(1)])
    #expect(fit.iterationCount == 1 && !fit.isConverged)
  }

  @Test func progressAnsweringFalse_cancels() throws {
    let sample = LinearSample(rowCount: 300, columnCount: 6, objective: .binary, seed: 12)
    var calls = 0
    #expect(throws: LinearModelError.cancelled) {
      try sample.fit(.binary, [:]) { step, stepCount in
        calls += 1
        #expect(step == calls && stepCount == 500)
        return calls < 2
      }
    }
    #expect(calls == 2)
  }

  @Test func noColumns_giveTheConstantPrediction() throws {
    var sample = LinearSample(rowCount: 4, columnCount: 0, objective: .regression, seed: 1)
    sample.labels = [1, 2, 3, 6]
    let fit = try sample.fit(.regression, [:])
    #expect(fit.weights.isEmpty && abs(fit.intercept - 3) < 1e-12)
    #expect([Float]().withUnsafeBufferPointer { fit.predict($0, rowCount: 2) } == [3, 3])
  }

  /// In real life: a column that was missing in every training row comes out of the scaler as NaN.
  @Test func badInput_isRefusedWithItsPlace() throws {
    let good = LinearSample(rowCount: 10, columnCount: 3, objective: .binary, seed: 13)
    func refusal(_ objective: ObjectiveKind = .binary, _ edit: (inout LinearSample) -> Void) -> LinearModelError? {
      var sample = good
      edit(&sample)
      do {
        _ = try sample.fit(objective, [:])
        return nil
      } catch { return error as? LinearModelError }
    }
    #expect(refusal { $0.values[7] = .nan }?.code == .notFinite)
    #expect(refusal { $0.values[7] = .nan }?.subject == "values, row 2, column 1")
    #expect(refusal { $0.values[0] = -.infinity }?.code == .notFinite)
    #expect(refusal { $0.labels[3] = .nan }?.subject == "labels, row 3")
    #expect(refusal { $0.labels[3] = 0.5 }?.code == .badLabel)
    #expect(refusal(.regression) { $0.labels[3] = 0.5 } == nil)
    #expect(refusal { $0.labels = [Float](repeating: 1, count: 10) }?.code == .oneClass)
    #expect(refusal { $0.labels = [Float](repeating: 0, count: 10) }?.code == .oneClass)
    #expect(refusal { $0.labels.removeLast() }?.code == .badShape)
    #expect(refusal { $0.values.removeLast() }?.code == .badShape)
    #expect(
      refusal { $0.values[7] = .nan }?.description
        == "values, row 2, column 1: notFinite: expected a finite number (impute and scale before fitting), found NaN")
  }
}
