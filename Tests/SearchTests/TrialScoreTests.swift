// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps
import Testing

@Suite struct TrialScoreTests {
  private func folds(_ values: [Double], train: Int = 1_600, valid: Int = 400) -> [TrialScore.Fold] {
    values.enumerated().map { TrialScore.Fold(fold: $0, value: $1, trainRowCount: train, validRowCount: valid) }
  }

  // Goal: the interval of the paper. Method: scipy 1.17, t.ppf(.975, 4)·sd·sqrt(1/5 + 2000/8000).
  @Test func interval_isNadeauAndBengios() throws {
    let train = [1590, 1602, 1600, 1598, 1610]
    let valid = [410, 398, 400, 402, 390]
    let values = [0.71, 0.74, 0.69, 0.75, 0.72]
    let score = TrialScore(
      values.indices.map { .init(fold: $0, value: values[$0], trainRowCount: train[$0], validRowCount: valid[$0]) })
    let interval = try #require(score.interval)
    #expect(abs(try #require(score.objective) - 0.722) < 1e-12)
    #expect(abs(try #require(score.sd) - 0.023874672772626667) < 1e-12)
    #expect(abs(interval.lowerBound - 0.6775335175240006) < 1e-9)
    #expect(abs(interval.upperBound - 0.7664664824759991) < 1e-9)
  }

  // In real life: fold 3 comes back before fold 0 on one run and after it on the next.
  @Test func order_ofArrivalChangesNoBit() {
    let all = folds([1e16, 1, -1e16, 0.7, 0.3, 1e-9])
    #expect(TrialScore(all.reversed()) == TrialScore(all))
    #expect(TrialScore([all[3], all[0], all[5], all[1], all[4], all[2]]) == TrialScore(all))
  }

  @Test func undefinedFold_leavesNoScore() {
    for bad in [Double.nan, .infinity] {
      let score = TrialScore(folds([0.7, bad, 0.8, bad]))
      #expect(score.objective == nil && score.sd == nil && score.interval == nil)
      #expect(score.undefinedFolds == [1, 3])
      let end = score.end(metric: "valid/auroc")
      #expect(end.state == .completed)
      #expect(end.foldsDone == 4)
      #expect(end.reason == "valid/auroc is undefined on folds 1, 3: no score over all folds")
    }
  }

  @Test func fewFolds_haveNoInterval() {
    let one = TrialScore(folds([0.7]))
    #expect(one.objective == 0.7 && one.sd == nil && one.interval == nil)
    let none = TrialScore([])
    #expect(none.objective == nil && none.foldCount == 0)
    let equal = TrialScore(folds([0.5, 0.5]))
    #expect(equal.sd == 0 && equal.interval == 0.5...0.5)
  }

  @Test func median_hasNoIntervalOfTheMean() {
    let odd = TrialScore(folds([0.9, 0.1, 0.5]), aggregate: .median)
    #expect(odd.objective == 0.5 && odd.interval == nil && odd.sd != nil)
    #expect(TrialScore(folds([1, 4, 2, 3]), aggregate: .median).objective == 2.5)
  }
}

@Suite struct StudentDistributionTests {
  // Goal: the tabulated quantiles. Method: scipy 1.17, scipy.stats.t.ppf.
  @Test(arguments: [
    (1, 12.706204736174694, 3.0776835371752544),
    (2, 4.302652729749462, 1.8856180831641272),
    (3, 3.1824463052837078, 1.637744353696209),
    (4, 2.7764451051977934, 1.533206274058944),
    (5, 2.5705818356363146, 1.4758840488244815),
    (9, 2.262157162798205, 1.3830287383966329),
    (14, 2.144786687917804, 1.345030374454651),
    (29, 2.045229642132703, 1.311433647301551),
    (120, 1.9799304050824402, 1.288646233656378),
    (999, 1.9623414611334493, 1.2823995700373971),
  ])
  func quantile_isTheTables(degreesOfFreedom: Int, at975: Double, at900: Double) {
    #expect(abs(studentQuantile(0.975, degreesOfFreedom: degreesOfFreedom) / at975 - 1) < 1e-11)
    #expect(abs(studentQuantile(0.9, degreesOfFreedom: degreesOfFreedom) / at900 - 1) < 1e-11)
    #expect(
      studentQuantile(0.025, degreesOfFreedom: degreesOfFreedom)
        == -studentQuantile(0.975, degreesOfFreedom: degreesOfFreedom))
  }

  @Test func median_isZero() { #expect(studentQuantile(0.5, degreesOfFreedom: 4) == 0) }
}

@Suite struct RankingTests {
  private func trial(_ number: Int, _ objective: Double?) -> CompletedTrial {
    CompletedTrial(number: number, parameters: [:], objective: objective)
  }

  @Test func ranking_followsTheDirectionAndPutsTheUndefinedLast() {
    let trials = [trial(4, 0.5), trial(0, nil), trial(2, 0.7), trial(3, 0.5), trial(1, nil), trial(5, 0.1)]
    #expect(Direction.maximize.ranked(trials).map(\.number) == [2, 3, 4, 5, 0, 1])
    #expect(Direction.minimize.ranked(trials).map(\.number) == [5, 3, 4, 2, 0, 1])
    #expect(Direction.minimize.ranked(trials.reversed()).map(\.number) == [5, 3, 4, 2, 0, 1])
  }

  @Test func metrics_areThoseOfTheLabel() {
    #expect(Metric.all(for: .binary).first?.name == "valid/auroc")
    #expect(!Metric.all(for: .regression).contains { $0.name == "valid/auprc" })
  }
}
