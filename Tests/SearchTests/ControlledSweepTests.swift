// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps
import Testing

/// In real life: somebody adds trials and stops others while the search runs, and then the coordinator is killed.
@Suite struct ControlledSweepTests {
  private static let folds = 3

  private func fresh(_ sampler: SamplerKind, _ pruner: PrunerKind, trials: Int = 20) throws -> TrialBook {
    let space = try PrunedSweepTests.learningSpace()
    var settings = TrialBook.Settings(
      sweep: SweepID(1), dataset: ContentDigest(bytes: [UInt8](repeating: 1, count: 32)), outcome: .readmission30d,
      folds: FoldPlan(scheme: .grouped, foldCount: Self.folds, seed: 1), seed: 1,
      objective: Objective(metric: "valid/auroc", direction: .maximize), trialCountMax: trials)
    settings.roundSize = 4
    return TrialBook(
      settings, sampler: try SamplerSettings(kind: sampler, seed: 7).makeSampler(space: space), space: space,
      pruner: PrunedSweepTests.settings(pruner).makePruner())
  }

  private func result(_ order: TrialOrder, _ fold: Int) -> TrialBook.FoldEnd {
    let l2 = order.parameters["l2"]?.number ?? 0
    let wave = Double((order.trial * 7 + fold * 3) % 11) / 200
    return .measured(
      [MetricValue(name: "valid/auroc", value: 0.9 - abs(l2 - 30) / 100 + wave)], trainRowCount: 80, validRowCount: 20)
  }

  private func task(_ trial: Int, _ fold: Int) -> TrialTask {
    TrialTask(sweep: SweepID(1), trial: trial, fold: fold, rung: 0)
  }

  private struct Story {
    var recorded: [(trial: Int, fold: Int)] = []
    var byHand: Set<Int> = []
    var stopped: Set<Int> = []
  }

  /// Plays on, with requests after so many results.
  private func play(_ book: inout TrialBook, _ story: inout Story, steps: Int) throws {
    for step in 0..<steps {
      while try book.propose() != nil {}
      if book.isExhausted { _ = book.stopProposing("the end") }
      if step == 5 || step == 17 {
        try book.enqueue(["model": .text("linear"), "l2": .real(Double(step))])
        story.byHand.insert(try #require(try book.propose()).trial)
      }
      let open = (0..<book.trialCount).filter { book.end(of: $0) == nil }
      if step == 9 || step == 21, let trial = open.last, !book.stopByHand(trial, reason: "stopped by hand").isEmpty {
        story.stopped.insert(trial)
      }
      // Every other result is of the last trial that waits for one.
      let waiting = open.flatMap { trial in (0..<book.openFoldCount(of: trial)).map { (trial: trial, fold: $0) } }
        .filter { next in book.end(of: next.trial) == nil && !story.recorded.contains { $0 == next } }
      guard let next = step.isMultiple(of: 2) ? waiting.first : waiting.last else { continue }
      _ = book.record(task(next.trial, next.fold), result(try #require(book.order(of: next.trial)), next.fold))
      story.recorded.append(next)
    }
  }

  /// As the coordinator does it at a start.
  private func restored(_ book: TrialBook, _ story: Story, _ other: TrialBook) throws -> TrialBook {
    var other = other
    for order in book.orders {
      let record = TrialRecord(
        sweep: SweepID(1), number: order.trial, learner: order.learner, parameters: order.parameters)
      #expect(try other.restore(record, isByHand: story.byHand.contains(order.trial)) == order)
      let folds = story.recorded.filter { $0.trial == order.trial }.map(\.fold).sorted()
      if story.stopped.contains(order.trial) {
        other.restoreStopped(order.trial, folds: folds.map { ($0, result(order, $0)) }, reason: "stopped by hand")
      } else {
        for fold in folds { _ = other.record(task(order.trial, fold), result(order, fold)) }
      }
    }
    return other
  }

  @Test(arguments: [SamplerKind.random, .grid, .tpe, .cmaes, .gp], [PrunerKind.none, .foldRungs, .pairedTest])
  func restart_proposesAndJudgesTheSame(sampler: SamplerKind, pruner: PrunerKind) throws {
    if sampler == .grid { return }
    for steps in [12, 25, 60] {
      var book = try fresh(sampler, pruner)
      var story = Story()
      try play(&book, &story, steps: steps)
      #expect(!story.byHand.isEmpty && !story.stopped.isEmpty)
      var other = try restored(book, story, try fresh(sampler, pruner))
      for trial in 0..<book.trialCount {
        #expect(other.end(of: trial)?.state == book.end(of: trial)?.state, "trial \(trial) after \(steps)")
        #expect(other.end(of: trial)?.objective == book.end(of: trial)?.objective)
        if book.end(of: trial) == nil { #expect(other.openFoldCount(of: trial) == book.openFoldCount(of: trial)) }
      }
      var again = story
      try play(&book, &story, steps: 80)
      try play(&other, &again, steps: 80)
      #expect(book.orders == other.orders)
    }
  }

  // Goal: a trial by hand takes nothing from the search: every cell of a grid is still tried, and the budget is the sampler's.
  @Test func trialsByHand_areOnTopOfTheBudget_andTakeNoCell() throws {
    let space = SearchSpace([
      .init("model", .fixed(.text("linear"))), .init("l2", .real(try RealRange(0, 5, step: 1))),
    ])
    var settings = try fresh(.random, .none, trials: 6).settings
    settings.roundSize = 4
    var book = TrialBook(settings, sampler: try GridSampler(space: space), space: space)
    _ = try book.propose()
    _ = try book.propose()
    try book.enqueue(["model": .text("linear"), "l2": .real(77)])
    while try book.propose() != nil {}
    try book.enqueue(["model": .text("linear"), "l2": .real(78)])
    #expect(!book.isComplete)
    while try book.propose() != nil {}
    #expect(book.orders.compactMap { $0.parameters["l2"]?.number } == [0, 1, 77, 2, 3, 4, 5, 78])
  }

  @Test func strangeRequests_changeNothing() throws {
    var book = try fresh(.random, .none)
    #expect(throws: ParameterError.self) { try book.enqueue(["model": .text("linear"), "leaves": .integer(3)]) }
    #expect(throws: ParameterError.self) { try book.enqueue(["l2": .real(3)]) }
    _ = try book.propose()
    #expect(book.stopByHand(7, reason: "x").isEmpty && !book.stopByHand(0, reason: "x").isEmpty)
    #expect(book.stopByHand(0, reason: "x").isEmpty && book.trialCount == 1)
  }
}
