// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import Boosters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct ObjectiveTests {
  static let losses: [Objective.Loss] = [.binary, .squared, .absolute, .quantile(0.8), .poisson, .tweedie(1.3)]

  /// Goal: gradients are the derivative of the loss that is reported. Method: central differences; squared and absolute
  /// loss have g of half their ℓ' and of ℓ' itself.
  @Test(arguments: losses) func gradients_areDifferencesOfTheLoss(loss: Objective.Loss) {
    let objective = Objective(loss, positiveWeight: 3)
    var random = CounterGenerator(key: 8)
    for _ in 0..<200 {
      let label = Float(loss == .binary ? Double(random.below(2)) : 3 * random.uniform())
      let score = 4 * random.normal()
      let weight = loss == .binary && label > 0 ? 3.0 : 1
      func mean(_ score: Double) -> (loss: Double, gradient: Double, hessian: Double) {
        var (score, label, gradient, hessian) = (score, label, 0.0, 0.0)
        let loss = objective.differentiate(
          scores: &score, labels: &label, rowCount: 1, gradients: &gradient, hessians: &hessian)
        return (loss, gradient, hessian)
      }
      let step = 1e-5
      let slope = (mean(score + step).loss - mean(score - step).loss) / (2 * step) * weight
      let here = mean(score)
      let expected = loss == .squared ? slope / 2 : slope
      #expect(abs(here.gradient - expected) <= 1e-5 * max(1, abs(expected)), "\(loss) at \(score), label \(label)")
      let bend = (mean(score + step).gradient - mean(score - step).gradient) / (2 * step)
      switch loss {
      case .binary, .squared, .tweedie:
        #expect(abs(here.hessian - bend) <= 1e-5 * max(1, abs(bend)), "\(loss) at \(score)")
      case .poisson: #expect(abs(here.hessian / bend - exp(0.7)) < 1e-4)
      case .absolute, .quantile: #expect(here.hessian == 1)
      }
    }
  }

  /// Goal: the vectorised functions are as good as the library's.
  @Test func exponentialAndLogarithm_areAccurate() {
    var random = CounterGenerator(key: 9)
    for _ in 0..<20_000 {
      let x = 1_500 * (random.uniform() - 0.5)
      let bounded = min(max(x, -700), 700)
      #expect(abs(Link.exponential(x) / exp(bounded) - 1) < 1e-15, "exp \(x)")
      let y = random.uniform()
      #expect(abs(Link.logOnePlus(y) - log1p(y)) < 4e-16, "log1p \(y)")
    }
    #expect(Link.exponential(0) == 1 && Link.logOnePlus(0) == 0)
  }

  /// In real life: length of stay has a long tail, and a planner asks for its median and its 90th percentile.
  @Test func quantileLoss_coversItsShare() throws {
    let train = Case(seed: 1, rowCount: 4_000, columnCount: 6, objective: .regression)
    let test = Case(seed: 2, rowCount: 4_000, columnCount: 6, objective: .regression)
    for level in [0.5, 0.9] {
      let fit = try train.fit(
        ["loss": .text("quantile"), "quantile": .real(level), "trees": .integer(80)], objective: .regression)
      let below = zip(fit.booster.predict(test), test.labels).count { $0.1 <= $0.0 }
      #expect(abs(Double(below) / 4_000 - level) < 0.07, "level \(level): \(below) of 4000")
    }
  }

  @Test func absoluteStump_hasMediansForLeaves() throws {
    let values: [Float] = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    let labels: [Float] = [1, 2, 3, 4, 100, 11, 12, 13, 14, 500]
    let fit = try Case(values: values, labels: labels, columnCount: 1).fit(
      [
        "loss": .text("absolute"), "trees": .integer(1), "learning_rate": .real(1), "min_leaf": .integer(1),
        "leaves": .integer(2), "l2": .real(0),
      ], objective: .regression)
    #expect(fit.booster.predict(Case(values: [0, 1], labels: [0, 0], columnCount: 1)) == [3, 13])
  }

  /// Goal: with a log link the mean of the predictions is about that of the labels (Poisson's link is canonical, Tweedie's
  /// is not).
  @Test(arguments: ["poisson", "tweedie"]) func countLosses_keepTheMean(loss: String) throws {
    var train = Case(seed: 1, rowCount: 3_000, columnCount: 6, objective: .regression)
    train.labels = train.labels.map { max(0, ($0 * 2).rounded()) }
    let fit = try train.fit(["loss": .text(loss), "trees": .integer(60)], objective: .regression)
    let predictions = fit.booster.predict(train)
    let mean = train.labels.reduce(0, +) / 3_000
    #expect(predictions.allSatisfy { $0 > 0 })
    #expect(abs(predictions.reduce(0, +) / 3_000 / mean - 1) < (loss == "poisson" ? 0.02 : 0.15))
    #expect(r2(predictions, train.labels) > 0.5)
    var negative = train
    negative.labels[3] = -1
    #expect(throws: BoosterError.self) { try negative.fit(["loss": .text(loss)], objective: .regression) }
  }

  @Test func lossOfRealLabels_onABinaryOutcome_isRefused() {
    let rows = Case(seed: 1, rowCount: 100, columnCount: 3)
    #expect(
      performing: { _ = try rows.fit(["loss": .text("poisson")]) },
      throws: { ($0 as? BoosterError)?.code == .badLoss })
  }
}
