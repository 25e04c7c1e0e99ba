// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps
import Testing

/// In real life: a fold crashes its workers and is given up, its trial counts as failed, TPE learns from that, and then a worker
/// that was cut off comes back with the result. The trial is mended, the coordinator is killed, and the next start must
/// propose what the first one did.
@Suite struct MendedTrialTests {
  private static let folds = 2
  /// (trial, fold) that is given up.
  private static let lost = TrialTask(sweep: SweepID(1), trial: 2, fold: 1, rung: 0)

  private func fresh(_ pruner: PrunerKind = .none) throws -> TrialBook {
    let space = try PrunedSweepTests.learningSpace()
    var settings = TrialBook.Settings(
      sweep: SweepID(1), dataset: ContentDigest(bytes: [UInt8](repeating: 1, count: 32)), outcome: .readmission30d,
      folds: FoldPlan(scheme: .grouped, foldCount: Self.folds, seed: 1), seed: 1,
      objective: Objective(metric: "valid/auroc", direction: .maximize), trialCountMax: 24)
    settings.roundSize = 4
    return TrialBook(
      settings,
      sampler: try SamplerSettings(kind: .tpe, seed: 7, startupCount: 4, roundSize: 4).makeSampler(space: space),
      space: space, pruner: PrunedSweepTests.settings(pruner).makePruner())
  }

  /// Peaks at l2 = 30, where the lost trial happens to be good: to have learnt its score changes what follows.
  private func result(_ order: TrialOrder) -> TrialBook.FoldEnd {
    let l2 = order.parameters["l2"]?.number ?? 0
    let value = order.trial == Self.lost.trial ? 0.99 : 0.9 - abs(l2 - 30) / 100
    return .measured([MetricValue(name: "valid/auroc", value: value)], trainRowCount: 80, validRowCount: 20)
  }

  enum When: CaseIterable { case beforeTheEnd, beforeItIsLearnt, afterItIsLearnt }

  /// Runs to trial 16; the late result comes at `when`.
  private func play(_ book: inout TrialBook, _ when: When) throws {
    var isMended = false
    func mend(_ book: inout TrialBook) throws {
      guard !isMended else { return }
      isMended = true
      _ = book.record(Self.lost, result(try #require(book.order(of: Self.lost.trial))))
    }
    while book.trialCount < 16, let order = try book.propose() {
      for fold in (0..<Self.folds).reversed() {
        let task = TrialTask(sweep: SweepID(1), trial: order.trial, fold: fold, rung: 0)
        _ = book.record(task, task == Self.lost ? .missing("crashed 3 times") : result(order))
        if task == Self.lost, when == .beforeTheEnd { try mend(&book) }
      }
      if order.trial == Self.lost.trial, when == .beforeItIsLearnt { try mend(&book) }
      if order.trial == 9, when == .afterItIsLearnt { try mend(&book) }
    }
  }

  @Test(arguments: When.allCases) func mendedTrial_isRestoredToTheSameProposals(when: When) throws {
    var book = try fresh()
    try play(&book, when)
    #expect(book.trialCount == 16)
    #expect(book.end(of: Self.lost.trial)?.state == .completed && book.best?.order.trial == Self.lost.trial)
    // As the coordinator does it: what was given up first, then all results.
    var other = try fresh()
    for order in book.orders {
      _ = try other.restore(
        TrialRecord(sweep: SweepID(1), number: order.trial, learner: order.learner, parameters: order.parameters))
      if order.trial == Self.lost.trial { _ = other.record(Self.lost, .missing("quarantined")) }
      for fold in 0..<Self.folds {
        _ = other.record(TrialTask(sweep: SweepID(1), trial: order.trial, fold: fold, rung: 0), result(order))
      }
      #expect(other.end(of: order.trial) == book.end(of: order.trial))
    }
    for _ in 0..<4 {
      let (next, same) = (try book.propose(), try other.propose())
      #expect(next != nil && next == same)
    }
  }

  /// With a pruner the rivals were compared without the trial, so it stays failed whenever its result comes.
  @Test func withAPruner_theTrialStaysFailed() throws {
    var book = try fresh(.foldRungs)
    let order = try #require(try book.propose())
    let task = TrialTask(sweep: SweepID(1), trial: 0, fold: 0, rung: 0)
    _ = book.record(task, .missing("crashed 3 times"))
    #expect(book.end(of: 0)?.state == .failed)
    #expect(book.record(task, result(order)).isEmpty && book.end(of: 0)?.state == .failed)
  }
}
