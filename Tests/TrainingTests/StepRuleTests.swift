// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Sweeps
import Testing

@testable import Training

/// A fold that its rule ends before its last step.
@Suite struct StepRuleTests {
  private static let metric = "valid/auroc"
  private static let steps: [Learner: [Int]] = [.booster: [3, 9, 15, 21], .lstm: [1, 2, 3]]

  private func rule(_ learner: Learner, low: [Int: Double] = [:], patience: StepRule.Patience? = nil) -> StepRule {
    StepRule(
      metric: Self.metric, isMaximized: true,
      places: (Self.steps[learner] ?? []).map { .init(step: $0, range: (low[$0] ?? -.infinity)...Double.infinity) },
      patience: patience)
  }

  /// With inner rows, and a patience of the learner's own that never ends it.
  private func assignment(_ fixture: Fixture, _ learner: Learner, _ rule: StepRule?) throws -> Assignment {
    let plain = try fixture.assignment(learner, changing: ["patience": .integer(1_000)])
    return Assignment(
      order: plain.order, fold: plain.fold, rung: plain.rung, attempt: plain.attempt, stepRule: rule)
  }

  // Goal: looking changes nothing but what is looked at.
  @Test(arguments: [Learner.booster, .lstm]) func watchedFold_scoresAsAnUnwatchedOne(learner: Learner) throws {
    let fixture = try Fixture()
    let plain = try fixture.runner.run(assignment(fixture, learner, nil)) { _, _ in .goOn }.measurement
    let watched = try fixture.runner.run(assignment(fixture, learner, rule(learner))) { _, _ in .goOn }.measurement
    #expect(watched.metrics == plain.metrics && watched.artifacts == plain.artifacts)
    #expect(watched.curve.filter { $0.metric != "inner/auroc" } == plain.curve)
    let seen = watched.curve.filter { $0.metric == "inner/auroc" }
    #expect(Array(seen.map(\.step).dropLast()) == Self.steps[learner], "and the last step")
    #expect(seen.allSatisfy { (0...1).contains($0.value) })
  }

  // In real life: the fold is behind those of earlier rounds at its second look, and nothing after it is trained.
  @Test(arguments: [Learner.booster, .lstm]) func foldOutsideItsBound_endsThere_withoutAScore(learner: Learner) throws {
    let fixture = try Fixture()
    let step = try #require(Self.steps[learner])[1]
    var seen = 0
    let result = try fixture.runner.run(assignment(fixture, learner, rule(learner, low: [step: 2]))) { step, _ in
      seen = step
      return .goOn
    }
    #expect(seen <= step)
    let measurement = result.measurement
    #expect(measurement.metrics.map(\.name) == ["inner/auroc", StepRule.stoppedMetric])
    #expect(measurement.metric(StepRule.stoppedMetric) == Double(step))
    #expect(measurement.metric("inner/auroc") == measurement.curve.last { $0.metric == "inner/auroc" }?.value)
    #expect(measurement.artifacts.isEmpty && measurement.scoreBins.isEmpty, "nothing of the held-out rows")
    #expect(measurement.curve.map(\.step).max() == step)
    #expect(try fixture.checkpoints.read(assignment(fixture, learner, rule(learner))) == nil)
  }

  // In real life: the worker is preempted before the look that ends the fold, and another goes on from its checkpoint: same step,
  // same bits. Method: paused after every step.
  @Test(arguments: [Learner.booster, .lstm], [true, false])
  func pausedFold_endsAtTheSameStep(learner: Learner, isCut: Bool) throws {
    let (plain, fixture) = (try Fixture(), try Fixture())
    let steps = try #require(Self.steps[learner])
    let last = try #require(steps.last)
    let rule =
      isCut ? rule(learner, low: [last: 2]) : rule(learner, patience: .init(steps: last - steps[0] - 1, gainMin: 1))
    let undisturbed = try plain.runner.run(assignment(plain, learner, rule)) { _, _ in .goOn }
    var result: FoldResult?
    for start in 0..<60 where result == nil {
      result = try? fixture.runner.run(assignment(fixture, learner, rule)) { step, _ in step > start ? .pause : .goOn }
    }
    #expect(result?.measurement == undisturbed.measurement)
    #expect((result?.cost.resumedStep ?? 0) > 0)
    #expect(undisturbed.measurement.metric(StepRule.stoppedMetric) != nil)
  }

  // Goal: patience ends a fold with the score of the model that it has, counted from the first look. Method: no look gains 1, so
  // at 9, 15 and 21 it has waited 6, 12 and 18 steps; more than it may is meant, not as many.
  @Test(arguments: [(10, 15.0), (12, 21.0)]) func patientFold_endsWithAScore(steps: Int, end: Double) throws {
    let fixture = try Fixture()
    let patient = rule(.booster, patience: .init(steps: steps, gainMin: 1))
    let measurement = try fixture.runner.run(assignment(fixture, .booster, patient)) { _, _ in .goOn }.measurement
    #expect(measurement.metric(StepRule.stoppedMetric) == end)
    #expect(measurement.metric(Self.metric) != nil && measurement.artifacts.count == 2)
  }

  // In real life: `patience: 0` keeps no inner rows: there is nothing to look at, and the fold is trained as ever.
  @Test func foldWithoutInnerRows_isNeverEnded() throws {
    let fixture = try Fixture()
    let plain = try fixture.assignment(.booster)
    let strict = Assignment(
      order: plain.order, fold: 0, rung: 0, attempt: plain.attempt, stepRule: rule(.booster, low: [3: 2]))
    let expected = try fixture.runner.run(plain) { _, _ in .goOn }.measurement
    #expect(try fixture.runner.run(strict) { _, _ in .goOn }.measurement == expected)
  }
}
