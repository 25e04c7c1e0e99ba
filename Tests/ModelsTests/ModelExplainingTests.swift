// SPDX-License-Identifier: Apache-2.0

import Boosters
import Foundation
import Hyperparameters
import LinearModels
import RecurrentNets
import Shards
import Sweeps
import Testing

@testable import Models

/// Contributions add up to the score, the score gives the prediction, and each lies where its feature is.
@Suite struct ModelExplainingTests {
  @Test(arguments: Learner.allCases, [Outcome.readmission30d, .lengthOfStay])
  func contributions_addUpToTheScoreOfThePrediction(learner: Learner, outcome: Outcome) throws {
    let sample = try ModelSample(outcome: outcome)
    let model = try sample.fit(learner).model
    let rows = [3, 0, 239, 77]
    let explanations = try model.explanations(sample.dataset, rows, pointCount: 200)
    let predictions = try model.predictions(sample.dataset, rows)[0]
    #expect(explanations.map(\.row) == rows)
    for (explanation, prediction) in zip(explanations, predictions) {
      let isLog = outcome.objective == .binary
      let expected = isLog ? 1 / (1 + exp(-explanation.score)) : explanation.score
      #expect(abs(expected - Double(prediction)) < 1e-5 * max(1, abs(expected)))
      #expect(abs(explanation.rest) < (learner == .lstm ? 2e-3 * (isLog ? 1 : 7) : 1e-9))
      #expect(explanation.columns.count == 4 && explanation.columns.contains { abs($0) > 1e-3 })
      let isSequence = learner == .lstm
      #expect(
        explanation.channels.count == (isSequence ? 12 : 0) && explanation.attention.count == (isSequence ? 6 : 0))
      if isSequence { #expect(abs(explanation.attention.reduce(0, +) - 1) < 1e-5) }
      let sums = explanation.channelSums(2)
      #expect(abs(sums.reduce(0, +) - explanation.channels.reduce(0, +)) < 1e-9)
    }
    #expect(Set(explanations.map(\.base)).count == 1 || learner == .lstm)
  }

  /// Goal: a line's contribution is what its column adds. Method: the score with the column at its mean, by hand.
  @Test func lineContribution_isTheScoreLessThatWithoutTheColumn() throws {
    let sample = try ModelSample()
    let model = try sample.fit(.linear).model
    guard case .line(let line) = model.content else { throw Wrong() }
    let explanation = try model.explanations(sample.dataset, [5])[0]
    #expect(line.scaling.indicators == [1])
    for column in 0..<4 {
      var values = Array(sample.dataset.tabularRow(5))
      let whole = margin(line, values)
      values[column] = Float(line.scaling.means[column])
      let without = margin(line, values)
      #expect(abs(explanation.columns[column] - (whole - without)) < 1e-5, "column \(column)")
    }
  }

  /// Goal: hour and channel are where they are said to be. Method: the library's own order of inputs, one cell by hand.
  @Test func networkContributions_lieAtTheirHourAndChannel() throws {
    let sample = try ModelSample()
    let model = try sample.fit(.lstm).model
    guard case .network(let fitted) = model.content else { throw Wrong() }
    let rows = [9, 4]
    let explanations = try model.explanations(sample.dataset, rows, pointCount: 16)
    let gradients = fitted.network.integratedGradients(fitted.preparation.rows(sample.dataset, rows), pointCount: 16)
    // Row 4 is second; hour 3, channel 1 of two: value, mask and age lie two apart among six inputs.
    let first = (1 * 6 + 3) * 6 + 1
    let cell = [0, 2, 4].reduce(0.0) { $0 + Double(gradients.inputs[first + $1]) }
    #expect(abs(explanations[1].channels[3 * 2 + 1] - cell) < 1e-9 && cell != 0)
    #expect(explanations[1].columns == gradients.statics[4..<8].map(Double.init))
  }

  @Test func columnWithoutASplit_addsNothing() throws {
    let sample = try ModelSample()
    let model = try sample.fit(.booster, ["trees": .integer(1), "leaves": .integer(2)]).model
    guard case .trees(let booster) = model.content else { throw Wrong() }
    let used = booster.splitCountByColumn.map { $0 > 0 }
    for explanation in try model.explanations(sample.dataset, Array(0..<20)) {
      #expect(explanation.columns.map { $0 != 0 } == used)
    }
  }

  /// In real life: someone asks for the importance over three patients, and would read their values off it.
  @Test func importance_isTheMeanOverRows_andNeverOfFewerThanEleven() throws {
    let sample = try ModelSample()
    for learner in Learner.allCases {
      let model = try sample.fit(learner).model
      let error = #expect(throws: ModelError.self) { try model.importance(sample.dataset, Array(0..<10)) }
      #expect(error?.code == .badRows && error?.description.contains("at least 11 rows") == true)
      let rows = Array(20..<31)
      let importance = try model.importance(sample.dataset, rows, pointCount: 8)
      let explanations = try model.explanations(sample.dataset, rows, pointCount: 8)
      #expect(importance.rowCount == 11)
      for column in 0..<4 {
        let mean = explanations.reduce(0) { $0 + abs($1.columns[column]) } / 11
        #expect(abs((importance.columns[column] ?? .nan) - mean) < 1e-9)
      }
      #expect(importance.channels.count == (learner == .lstm ? 2 : 0))
      if learner == .lstm {
        let mean = explanations.reduce(0) { $0 + abs($1.channelSums(2)[1]) } / 11
        #expect(abs((importance.channels[1] ?? .nan) - mean) < 1e-9)
      }
    }
  }

  /// In real life: three patients of a thousand had a rare test; the mean contribution of its column, times a thousand, is theirs.
  @Test func featureOfFewRows_isNotShown() throws {
    let sample = try ModelSample { row, tabular, sequence in
      // Of the 60 rows below: 3 differ from zero, 11 do, 2 have a value, all differ; one channel is observed in 4.
      tabular = [row % 20 == 0 ? 2 : 0, row % 60 < 11 ? 1 : 0, row % 30 == 1 ? Float(row) : .nan, Float(row)]
      if row % 15 != 0 { for step in 0..<ModelSample.steps { sequence[2 * step + 1] = .nan } }
    }
    for learner in Learner.allCases {
      let importance = try sample.fit(learner).model.importance(sample.dataset, Array(0..<60), pointCount: 4)
      #expect(importance.columns.map { $0 == nil } == [true, false, true, false])
      #expect(importance.channels.map { $0 == nil } == (learner == .lstm ? [false, true] : []))
    }
  }

  @Test func headThatIsNotThere_isRefused() throws {
    let sample = try ModelSample()
    let model = try sample.fit(.linear).model
    let error = #expect(throws: ModelError.self) { try model.explanations(sample.dataset, [0], head: 1) }
    #expect(error?.code == .unsupported)
  }

  private func margin(_ line: FittedLine, _ values: [Float]) -> Double {
    line.scaling.apply(1) { _ in values }.withUnsafeBufferPointer { line.fit.margins($0, rowCount: 1)[0] }
  }

  struct Wrong: Error {}
}
