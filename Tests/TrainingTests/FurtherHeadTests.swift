// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Shards
import Sweeps
import Testing

@testable import Training

/// Further heads of the LSTM: a data set's further labels, in a fold.
@Suite struct FurtherHeadTests {
  private static let outcomes: [Outcome] = [.lengthOfStay, .inHospitalMortality]
  private static let heads: Parameters = ["auxiliary_weight": .real(1)]

  /// Length of stay is the planted signal itself; the other label is a coin, unknown in every third row.
  private static func labels(_ row: Int, _ signal: Double) -> [Float] {
    [Float(3 + signal), row % 3 == 0 ? .nan : Float(row / 2 % 2)]
  }

  private func fixture(
    rows: Int = 240, _ outcomes: [Outcome] = outcomes, _ labels: @escaping (Int, Double) -> [Float] = labels
  ) throws -> Fixture { try Fixture(rows: rows, further: outcomes, furtherLabels: labels) }

  private func run(_ fixture: Fixture, _ changes: Parameters, fold: Int = 0) throws -> Sweeps.Measurement {
    try fixture.runner.run(fixture.assignment(.lstm, fold: fold, changing: changes)) { _, _ in .goOn }.measurement
  }

  /// Off is as before: the same bits whether the data set has further labels or not; on is another fit.
  @Test func weight0_isTheFitWithoutFurtherLabels() throws {
    let (plain, also) = (try Fixture(), try fixture())
    #expect(plain.dataset.labels == also.dataset.labels)
    let off = try run(plain, [:])
    #expect(try run(also, [:]) == off)
    #expect(try run(also, ["auxiliary_weight": .real(0), "auxiliary": .text("length_of_stay")]) == off)
    let on = try run(also, Self.heads)
    #expect(on.metrics != off.metrics)
    #expect(try run(also, Self.heads) == on)
  }

  /// The wall that makes the numbers honest. Goal: further labels of held-out rows, and of the inner rows that stop the training,
  /// change no bit. Method: all of them changed, then one fitted row's.
  @Test(arguments: Balancing.allCases.filter { $0 != .smote })
  func furtherLabelsOfOtherRows_neverReachTheTraining(balancing: Balancing) throws {
    let plain = try fixture()
    let changes = Parameters(Self.heads.entries + [.init(name: "imbalance", value: .text(balancing.rawValue))])
    let assignment = try plain.assignment(.lstm, changing: changes)
    let rows = try FoldRows(plain.dataset, assignment.order, fold: 0)
    #expect(!rows.heldOut.isEmpty && !rows.inner.isEmpty)
    let measured = try run(plain, changes)
    func changed(_ poisoned: Set<Int>) throws -> Sweeps.Measurement {
      try run(
        try fixture { row, signal in
          poisoned.contains(row) ? [row % 2 == 0 ? .nan : -1e6, 1] : Self.labels(row, signal)
        }, changes)
    }
    #expect(try changed(Set(rows.heldOut + rows.inner)) == measured)
    // A row of the rare class is in the fit whatever is done about the classes.
    let positives = rows.fitted.filter { plain.dataset.labels[$0] == 1 }
    let rare = positives.count * 2 <= rows.fitted.count ? positives : rows.fitted.filter { !positives.contains($0) }
    #expect(try changed([try #require(rare.first)]) != measured, "the poison has no effect, so this test shows nothing")
  }

  /// In real life: rows of a small hospital, of which none was readmitted; all labels of a fold's fitted rows unknown.
  @Test func headThatCanLearnNothing_isLeftOut() throws {
    let off = try run(try Fixture(), [:])
    for useless: [Float] in [[.nan, .nan], [2, 0], [.nan, 1]] {
      #expect(try run(try fixture { _, _ in useless }, Self.heads) == off, "\(useless)")
    }
    // One of two heads is left out: the other has its own share still.
    let one = try run(try fixture { row, signal in [Self.labels(row, signal)[0], .nan] }, Self.heads)
    let alone = try run(try fixture(), ["auxiliary_weight": .real(0.5), "auxiliary": .text("length_of_stay")])
    #expect(one == alone && one != off)
  }

  /// Goal: what the further labels know helps. Method: 80 rows whose own label is a noisy coin about a signal that the further label is;
  /// mean over the four folds.
  @Test func informativeFurtherLabel_helps() throws {
    let fixture = try fixture(rows: 80)
    func auroc(_ changes: Parameters) throws -> Double {
      var sum = 0.0
      for fold in 0..<4 { sum += try #require(try run(fixture, changes, fold: fold).metric("valid/auroc")) }
      return sum / 4
    }
    let long: Parameters = ["epochs": .integer(15), "patience": .integer(0)]
    let off = try auroc(long)
    let on = try auroc(
      Parameters(long.entries + Self.heads.entries + [.init(name: "auxiliary", value: .text("length_*"))]))
    #expect(on > off + 0.01, "\(off) without, \(on) with")
  }

  /// In real life: a fold with three heads is preempted twice.
  @Test func paused_endsWithTheUndisturbedResult() throws {
    let (plain, fixture) = (try fixture(), try fixture())
    let undisturbed = try run(plain, Self.heads)
    let assignment = try fixture.assignment(.lstm, changing: Self.heads)
    for stop in 1...2 {
      #expect(throws: TrainingError.cancelled) {
        try fixture.runner.run(assignment) { step, _ in step >= stop ? .pause : .goOn }
      }
    }
    let result = try fixture.runner.run(assignment) { _, _ in .goOn }
    #expect(result.cost.resumedStep == 2 && result.measurement == undisturbed)
  }

  @Test func finalFit_keepsAModelOfAllHeads() throws {
    let fixture = try fixture()
    let order = try fixture.assignment(.lstm, changing: Self.heads).order
    let assignment = Assignment(
      order: TrialOrder(
        sweep: order.sweep, trial: order.trial, learner: order.learner, parameters: order.parameters,
        dataset: order.dataset, outcome: order.outcome, folds: order.folds.final, seed: order.seed), fold: 0, rung: 0,
      attempt: Attempt(epoch: 1, number: 1))
    let result = try fixture.runner.run(assignment) { _, _ in .goOn }
    let model = try #require(result.measurement.artifacts.first { $0.kind == .model })
    let header = String(decoding: try fixture.artifacts.read(model.digest).prefix(4_000), as: UTF8.self)
    #expect(header.contains("\"output.bias\":{\"dtype\":\"F32\",\"shape\":[3]"), "\(header)")
  }

  @Test func strangeHeads_sayWhatIsWrong() throws {
    func message(_ fixture: Fixture, _ changes: Parameters) throws -> String? {
      do {
        _ = try run(fixture, changes)
        return nil
      } catch { return "\(error)" }
    }
    #expect(
      try message(try Fixture(), Self.heads) == """
        invalid-task: hyperparameter `auxiliary_weight`: expected 0 for a data set without further labels, found 1.0
        """)
    #expect(
      try message(
        try fixture(), Parameters(Self.heads.entries + [.init(name: "auxiliary", value: .text("icu_mortality"))]))
          == """
          invalid-task: hyperparameter `auxiliary`: expected some of length_of_stay, in_hospital_mortality, \
          found "icu_mortality"
          """)
  }
}
