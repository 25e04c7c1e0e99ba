// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps
import Testing

/// In real life: half a point of AUROC is not worth ten times the training, and somebody wants to see what is.
@Suite struct SecondObjectiveTests {
  private static func space() throws -> SearchSpace {
    SearchSpace([
      .init("model", .fixed(.text("linear"))), .init("l2", .real(try RealRange(0.001, 100, log: true))),
      .init("tolerance", .real(try RealRange(1e-9, 1e-2, log: true))),
    ])
  }

  private func book(_ second: Objective.Second?) throws -> TrialBook {
    let settings = TrialBook.Settings(
      sweep: SweepID(1), dataset: ContentDigest(bytes: [UInt8](repeating: 1, count: 32)), outcome: .readmission30d,
      folds: FoldPlan(scheme: .grouped, foldCount: 2, seed: 1), seed: 1,
      objective: Objective(metric: "valid/auroc", direction: .maximize, second: second), trialCountMax: 80)
    let sampler = try SamplerSettings(kind: .nsga2, seed: 7, roundSize: 10).makeSampler(space: Self.space())
    return TrialBook(settings, sampler: sampler, space: try Self.space())
  }

  /// The better by the first objective, the dearer by the second: log10 of l2 from −3 to 2.
  private func result(_ order: TrialOrder) -> TrialBook.FoldEnd {
    let place = Self.place(order)
    return .measured(
      [
        MetricValue(name: "cost/cpu_seconds", value: place * place),
        MetricValue(name: "valid/auroc", value: 0.5 + 0.1 * place),
      ], trainRowCount: 80, validRowCount: 20)
  }

  private static func place(_ order: TrialOrder) -> Double {
    // log₁₀ by halving is not needed: the space is log-uniform, and order is all that counts.
    var (value, place) = (order.parameters["l2"]?.number ?? 1, 0.0)
    while value > 0.0011 {
      value /= 1.1220184543019633
      place += 0.05
    }
    return place
  }

  private func play(_ book: inout TrialBook, until count: Int) throws {
    while book.endedCount < count {
      while try book.propose() != nil {}
      guard let next = (0..<book.trialCount).first(where: { book.end(of: $0) == nil }),
        let order = book.order(of: next)
      else { return }
      for fold in 0..<2 {
        _ = book.record(TrialTask(sweep: SweepID(1), trial: next, fold: fold, rung: 0), result(order))
      }
    }
  }

  @Test func two_keepTheWholeFront_oneRunsToItsEnd() throws {
    var (one, two) = (try book(nil), try book(.init(metric: "cost/cpu_seconds", direction: .minimize)))
    try play(&one, until: 80)
    try play(&two, until: 80)
    let (single, both) = (one.orders.suffix(20).map(Self.place), two.orders.suffix(20).map(Self.place))
    #expect(one.orders.prefix(10) == two.orders.prefix(10))
    // One objective gathers at the dear end; two stay spread over it all, for none beats another.
    #expect(single.min() ?? 0 > 3.5, "\(single)")
    #expect(both.min() ?? 9 < 1.5 && both.max() ?? 0 > 3.5, "\(both)")
  }

  @Test func restart_proposesTheSame() throws {
    let second = Objective.Second(metric: "cost/cpu_seconds", direction: .minimize)
    var (book, other) = (try book(second), try book(second))
    try play(&book, until: 45)
    for order in book.orders {
      let record = TrialRecord(
        sweep: SweepID(1), number: order.trial, learner: order.learner, parameters: order.parameters)
      #expect(try other.restore(record) == order)
      guard book.end(of: order.trial) != nil else { continue }
      for fold in 0..<2 {
        _ = other.record(TrialTask(sweep: SweepID(1), trial: order.trial, fold: fold, rung: 0), result(order))
      }
    }
    try play(&book, until: 80)
    try play(&other, until: 80)
    #expect(book.orders == other.orders && book.orders.count == 80)
  }
}
