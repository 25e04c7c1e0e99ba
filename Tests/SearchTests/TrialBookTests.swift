// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps
import Testing

@Suite struct TrialBookTests {
  /// Proposes `l2` = 1, 2, 3 for the linear learner, then nothing.
  private struct Listed: Sampler {
    var values: [Double] = [1, 2, 3]
    func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
      values.indices.contains(number) ? ["model": .text("linear"), "l2": .real(values[number])] : nil
    }
  }

  private func book(budget: Int = 10, sampler: any Sampler = Listed()) -> TrialBook {
    TrialBook(
      TrialBook.Settings(
        sweep: SweepID(1), dataset: ContentDigest(bytes: [UInt8](repeating: 1, count: 32)), outcome: .readmission30d,
        folds: FoldPlan(scheme: .grouped, foldCount: 2, seed: 1), seed: 1,
        objective: Objective(metric: "valid/auroc", direction: .maximize), trialCountMax: budget), sampler: sampler)
  }

  private func measured(_ value: Double) -> TrialBook.FoldEnd {
    .measured([MetricValue(name: "valid/auroc", value: value)], trainRowCount: 80, validRowCount: 20)
  }

  private func ended(_ changes: [TrialBook.Change]) -> TrialEnd? {
    changes.lazy.compactMap { if case .ended(_, let end) = $0 { end } else { nil } }.first
  }

  private func task(_ trial: Int, _ fold: Int) -> TrialTask {
    TrialTask(sweep: SweepID(1), trial: trial, fold: fold, rung: 0)
  }

  @Test func trials_endWithTheirLastFold_andTheBookWithItsLastTrial() throws {
    var book = book()
    while try book.propose() != nil {}
    #expect(book.trialCount == 3 && book.trialCountExpected == 3)
    let open = book.record(task(0, 1), measured(0.8))
    #expect(open == [])
    let end = try #require(ended(book.record(task(0, 0), measured(0.6))))
    #expect(end.state == .completed && end.foldsDone == 2 && abs((end.objective ?? 0) - 0.7) < 1e-15)
    for trial in 1...2 { for fold in 0...1 { _ = book.record(task(trial, fold), measured(0.9)) } }
    #expect(book.isComplete)
    // Trials 1 and 2 tie: the lower number leads.
    #expect(book.best?.order.trial == 1)
  }

  @Test func orders_carryDefaults_andNoModelKey() throws {
    var book = book()
    let proposed = try book.propose()
    let order = try #require(proposed)
    #expect(order.learner == .linear && order.parameters["model"] == nil)
    #expect(order.parameters.entries.count == Learner.linear.specifications.count)
  }

  @Test func budget_endsTheProposals() throws {
    var book = book(budget: 1)
    let first = try book.propose()
    let second = try book.propose()
    #expect(first != nil && second == nil)
    #expect(book.trialCountExpected == 1)
  }

  /// In real life: a fold was quarantined, its trial failed, and then the result came after all.
  @Test func lateResult_mendsAFailedTrial() throws {
    var book = book()
    _ = try book.propose()
    _ = book.record(task(0, 0), measured(0.6))
    let failed = try #require(ended(book.record(task(0, 1), .missing("crashed 3 times"))))
    #expect(failed.state == .failed && failed.foldsDone == 1 && failed.reason == "fold 1: crashed 3 times")
    let mended = ended(book.record(task(0, 1), measured(0.8)))
    #expect(mended?.state == .completed)
    #expect(book.failedCount == 0)
  }

  @Test func restore_wantsTheSameProposals() throws {
    var first = book()
    let proposed = try first.propose()
    let order = try #require(proposed)
    var second = book()
    let record = TrialRecord(sweep: SweepID(1), number: 0, learner: .linear, parameters: order.parameters)
    let restored = try second.restore(record)
    #expect(restored == order)
    var other = book(sampler: Listed(values: [7]))
    #expect(throws: TrialBook.RestoreError.self) { _ = try other.restore(record) }
  }

  @Test func strangeTasks_changeNothing() throws {
    var book = book()
    _ = try book.propose()
    let ends = [book.record(task(9, 0), measured(1)), book.record(task(0, 9), measured(1))]
    #expect(ends == [[], []])
    #expect(book.foldsDone == 0)
  }
}
