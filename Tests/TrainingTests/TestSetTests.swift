// SPDX-License-Identifier: Apache-2.0

import Evaluation
import Foundation
import Hyperparameters
import Shards
import Sweeps
import Testing
import Training

/// In real life: a fifth of the patients is set aside before a search of weeks begins, and believed afterwards.
@Suite struct TestSetTests {
  private static let folds = FoldPlan(
    scheme: .stratifiedGrouped, foldCount: 3, seed: 9,
    testSet: FoldPlan.TestSet(partCount: 5, first: 1, count: 1, seed: 4))

  private func assignment(
    _ fixture: Fixture, _ learner: Learner, _ folds: FoldPlan = folds, fold: Int = 0, changing changes: Parameters = [:]
  ) throws -> Assignment {
    let plain = try fixture.assignment(learner, changing: changes)
    let order = plain.order
    return Assignment(
      order: TrialOrder(
        sweep: order.sweep, trial: order.trial, learner: learner, parameters: order.parameters, dataset: order.dataset,
        outcome: order.outcome, folds: folds, seed: order.seed), fold: fold, rung: 0, attempt: plain.attempt)
  }

  private func testRows(_ fixture: Fixture) throws -> [Int] {
    try Self.folds.testRows(groups: fixture.dataset.groups, labels: fixture.dataset.labels, isBinary: true)
  }

  private func run(_ fixture: Fixture, _ assignment: Assignment) throws -> FoldResult {
    try fixture.runner.run(assignment) { _, _ in .goOn }
  }

  @Test func folds_coverTheRest_andTheFinalFitIsScoredOnTheTestSet() throws {
    let fixture = try Fixture()
    let aside = try testRows(fixture)
    #expect((40...56).contains(aside.count))
    var seen: [Int] = []
    for fold in 0..<3 {
      let result = try run(fixture, assignment(fixture, .linear, fold: fold))
      let rows = try fixture.predictions(result).map(\.row)
      #expect(result.measurement.trainRowCount + rows.count == 240 - aside.count)
      seen += rows
    }
    #expect(Set(seen).isDisjoint(with: aside) && (seen + aside).sorted() == Array(0..<240))
    let patients = Set(aside.map { fixture.dataset.groups[$0] })
    #expect(seen.allSatisfy { !patients.contains(fixture.dataset.groups[$0]) }, "a patient is on both sides")
    let final = try run(fixture, assignment(fixture, .linear, Self.folds.final))
    #expect(try fixture.predictions(final).map(\.row) == aside)
    #expect(final.measurement.trainRowCount == 240 - aside.count)
  }

  /// Goal: no search sees the test set. Method: its rows get absurd values; every fold, and the final model, keep every bit.
  @Test(arguments: Learner.allCases.map { ($0, "fold") } + [(Learner.booster, "all")])
  func testRows_reachNoFoldAndNoModel(learner: Learner, binsFrom: String) throws {
    let changes: Parameters = learner == .booster ? ["bins_from": .text(binsFrom)] : [:]
    let plain = try Fixture()
    let aside = Set(try testRows(plain))
    let changed = try Fixture { row, tabular, sequence in
      guard aside.contains(row) else { return }
      tabular = tabular.map { _ in 1e6 }
      sequence = sequence.map { _ in -1e6 }
    }
    #expect(changed.dataset.labels == plain.dataset.labels)
    for fold in 0..<3 {
      let before = try run(plain, assignment(plain, learner, fold: fold, changing: changes))
      let after = try run(changed, assignment(changed, learner, fold: fold, changing: changes))
      #expect(try facts(plain, before) == facts(changed, after), "fold \(fold)")
    }
    let before = try run(plain, assignment(plain, learner, Self.folds.final, changing: changes))
    let after = try run(changed, assignment(changed, learner, Self.folds.final, changing: changes))
    let (model, other) = (try self.model(plain, before), try self.model(changed, after))
    #expect(model != nil && model == other)
    #expect(before.measurement.metrics != after.measurement.metrics, "the poison had no effect: this shows nothing")
  }

  /// All that is deterministic of a result, but for the data set's name in the model.
  private func facts(_ fixture: Fixture, _ result: FoldResult) throws -> [String] {
    let found = result.measurement
    return [
      "\(found.metrics) \(found.curve) \(found.bestStep) \(found.trainRowCount) \(found.scoreBins)",
      "\(found.artifacts.filter { $0.kind == .predictions })", "\(try model(fixture, result) ?? [])",
    ]
  }

  /// The model's bytes; the data set that it names is left out.
  private func model(_ fixture: Fixture, _ result: FoldResult) throws -> [UInt8]? {
    guard let reference = result.measurement.artifacts.first(where: { $0.kind == .model }) else { return nil }
    let bytes = try fixture.artifacts.read(reference.digest)
    let place = try #require(Data(bytes).range(of: Data(fixture.digest.hex.utf8)), "the model names no data set")
    return Array(bytes[..<place.lowerBound] + bytes[place.upperBound...])
  }

  @Test(arguments: Learner.allCases)
  func finalFitWithoutATestSet_hasAModelAndNoScore(learner: Learner) throws {
    let fixture = try Fixture()
    let plan = FoldPlan(scheme: .stratifiedGrouped, foldCount: 3, seed: 9)
    let result = try run(fixture, assignment(fixture, learner, plan.final)).measurement
    #expect(result.metrics.isEmpty && result.validRowCount == 0 && result.trainRowCount == 240)
    #expect(result.artifacts.map(\.kind) == [.model])
  }

  /// Goal: the file is the whole model. Method: the test set's predictions, made anew from the file and the raw rows alone.
  @Test func linearModelFile_predictsAsTheModelDid() throws {
    let fixture = try Fixture()
    let result = try run(fixture, assignment(fixture, .linear, Self.folds.final))
    let reference = try #require(result.measurement.artifacts.first { $0.kind == .model })
    let file = try SafetensorsFile(fixture.artifacts.read(reference.digest))
    let (means, scales) = (try file.tensor("columns.means"), try file.tensor("columns.scales"))
    let (weights, indicators) = (try file.tensor("weights"), try file.tensor("columns.indicators"))
    #expect(weights.count == means.count + indicators.count)
    for (row, text) in try fixture.predictions(result) {
      let values = Array(fixture.dataset.tabularRow(row))
      var margin = try file.tensor("intercept")[0]
      for column in means.indices where !values[column].isNaN {
        let z = (Double(values[column]) - means[column]) * scales[column]
        margin += weights[column] * min(max(z, -10), 10)
      }
      for (index, column) in indicators.enumerated() where values[Int(column)].isNaN {
        margin += weights[means.count + index]
      }
      #expect(abs(1 / (1 + exp(-margin)) - (Double(text) ?? .nan)) < 1e-4, "row \(row)")
    }
  }

  @Test func tooFewPatients_saysSo() throws {
    let fixture = try Fixture()
    let plan = FoldPlan(
      scheme: .stratifiedGrouped, foldCount: 3, seed: 9, testSet: FoldPlan.TestSet(partCount: 200, seed: 1))
    #expect {
      try run(fixture, assignment(fixture, .linear, plan))
    } throws: { "\($0)".contains("expected at least 200 patients") }
  }
}

/// As other programs read it.
private struct SafetensorsFile {
  private let header: [String: Any]
  private let data: [UInt8]

  init(_ bytes: [UInt8]) throws {
    let count = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + count])) as? [String: Any] ?? [:]
    data = Array(bytes[(8 + count)...])
  }

  func tensor(_ name: String) throws -> [Double] {
    let entry = try #require(header[name] as? [String: Any])
    let offsets = try #require(entry["data_offsets"] as? [Int])
    #expect(entry["dtype"] as? String == "F64")
    return stride(from: offsets[0], to: offsets[1], by: 8).map { at in
      Double(bitPattern: (0..<8).reduce(0) { $0 | UInt64(data[at + $1]) << (8 * UInt64($1)) })
    }
  }
}
