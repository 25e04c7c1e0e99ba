// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
package import Sweeps

/// Which trials a sweep has, which of their folds are in, and what each trial scored: ask and tell, by the fold.
///
/// Pure. Its state is a function of the sampler and of recorded results: a restart restores it from the tracker's rows.
package struct TrialBook: Sendable {
  /// What all trials of a sweep share.
  package struct Settings: Sendable {
    package let sweep: SweepID
    package let dataset: ContentDigest
    package let outcome: Outcome
    package let folds: FoldPlan
    package let seed: UInt64
    package let objective: Objective
    package let trialCountMax: Int

    package init(
      sweep: SweepID, dataset: ContentDigest, outcome: Outcome, folds: FoldPlan, seed: UInt64, objective: Objective,
      trialCountMax: Int
    ) {
      self.sweep = sweep
      self.dataset = dataset
      self.outcome = outcome
      self.folds = folds
      self.seed = seed
      self.objective = objective
      self.trialCountMax = trialCountMax
    }
  }

  /// How a task ended, as far as its trial is concerned.
  package enum FoldEnd: Sendable {
    case measured([MetricValue], trainRowCount: Int, validRowCount: Int)
    /// No score; why.
    case missing(String)
  }

  private struct Entry {
    let order: TrialOrder
    let proposal: Parameters
    var folds: [Int: FoldEnd] = [:]
    var end: TrialEnd?
  }

  package let settings: Settings
  private let sampler: any Sampler
  private var entries: [Entry] = []
  private var isExhausted = false

  package init(_ settings: Settings, sampler: any Sampler) {
    self.settings = settings
    self.sampler = sampler
  }

  package var trialCount: Int { entries.count }
  package var foldsDone: Int { entries.reduce(0) { $0 + $1.folds.count } }
  package var endedCount: Int { entries.count { $0.end != nil } }
  package var failedCount: Int { entries.count { $0.end?.state == .failed } }
  /// Every trial that will ever be is here and has ended.
  package var isComplete: Bool { isExhausted && entries.allSatisfy { $0.end != nil } }
  package var orders: [TrialOrder] { entries.map(\.order) }

  /// Trials that will be, as far as is known: the budget, or fewer where the space is exhausted.
  package var trialCountExpected: Int { isExhausted ? entries.count : settings.trialCountMax }

  /// The best trial so far: a completed one with a score.
  package var best: (order: TrialOrder, end: TrialEnd)? {
    let ranked = settings.objective.direction.ranked(completed)
    guard let first = ranked.first, first.objective != nil, let end = entries[first.number].end else { return nil }
    return (entries[first.number].order, end)
  }

  package func order(of trial: Int) -> TrialOrder? { entries.indices.contains(trial) ? entries[trial].order : nil }

  /// The next trial, or `nil` when the budget or the space is used up, or the sampler waits for results.
  ///
  /// - Throws: for a proposal that its learner does not take, which the sweep file's checks should have seen.
  package mutating func propose() throws(ParameterError) -> TrialOrder? {
    let number = entries.count
    guard !isExhausted, number < settings.trialCountMax else {
      isExhausted = true
      return nil
    }
    let prefix = sampler.prefixCount(trial: number)
    guard entries.prefix(prefix).allSatisfy({ $0.end != nil }) else { return nil }
    guard let proposal = sampler.suggest(trial: number, completed: prefix == 0 ? [] : completed.filter { $0.number < prefix }) else {
      isExhausted = true
      return nil
    }
    let order = try makeOrder(number, proposal)
    entries.append(Entry(order: order, proposal: proposal))
    return order
  }

  /// Enters what became of a task. Returns the trial's end when this was its last fold, and again when a late result
  /// changes it.
  package mutating func record(_ task: TrialTask, _ end: FoldEnd) -> TrialEnd? {
    guard entries.indices.contains(task.trial), task.fold < settings.folds.taskCount else { return nil }
    entries[task.trial].folds[task.fold] = end
    guard entries[task.trial].folds.count == settings.folds.taskCount else { return nil }
    let trialEnd = score(entries[task.trial])
    entries[task.trial].end = trialEnd
    return trialEnd
  }

  /// The next trial as an earlier start recorded it; the sampler must propose the same, for it is a function of the seed.
  ///
  /// - Throws: `RestoreError` where it does not: the sweep was recorded by other code.
  package mutating func restore(_ record: TrialRecord) throws(RestoreError) -> TrialOrder {
    let proposed: TrialOrder?
    do {
      proposed = try propose()
    } catch {
      throw RestoreError(trial: record.number, recorded: record.parameters.json, proposed: "\(error)")
    }
    guard let proposed, proposed.trial == record.number, proposed.learner == record.learner,
      proposed.parameters == record.parameters
    else {
      throw RestoreError(
        trial: record.number, recorded: record.parameters.json, proposed: proposed?.parameters.json ?? "nothing")
    }
    return proposed
  }

  package struct RestoreError: Error, Sendable, CustomStringConvertible {
    package let trial: Int
    package let recorded: String
    package let proposed: String

    package var description: String {
      "trial #\(trial) was recorded with \(recorded), but the sampler now proposes \(proposed): "
        + "the sweep was begun by another version; rename it to begin anew"
    }
  }

  private var completed: [CompletedTrial] {
    entries.filter { $0.end != nil }.map { entry in
      CompletedTrial(number: entry.order.trial, parameters: entry.proposal, objective: entry.end?.objective)
    }
  }

  /// `model` names the learner; what is left are its parameters, defaults written out.
  private func makeOrder(_ number: Int, _ proposal: Parameters) throws(ParameterError) -> TrialOrder {
    let names = Learner.allCases.map(\.rawValue).joined(separator: ", ")
    guard case .text(let name)? = proposal["model"], let learner = Learner(rawValue: name) else {
      throw ParameterError(name: "model", expected: "one of \(names)", found: proposal["model"]?.json ?? "nothing")
    }
    var parameters = proposal
    parameters["model"] = nil
    return TrialOrder(
      sweep: settings.sweep, trial: number, learner: learner, parameters: try learner.resolve(parameters),
      dataset: settings.dataset, outcome: settings.outcome, folds: settings.folds, seed: settings.seed)
  }

  private func score(_ entry: Entry) -> TrialEnd {
    var scores: [TrialScore.Fold] = []
    for fold in 0..<settings.folds.taskCount {
      switch entry.folds[fold] {
      case .measured(let metrics, let trainRowCount, let validRowCount):
        let value = metrics.first { $0.name == settings.objective.metric }?.value ?? .nan
        scores.append(
          TrialScore.Fold(fold: fold, value: value, trainRowCount: trainRowCount, validRowCount: validRowCount))
      case .missing(let reason):
        return TrialEnd(
          state: .failed, objective: nil, objectiveSD: nil, interval: nil, foldsDone: measuredCount(entry),
          reason: "fold \(fold): \(reason)")
      case nil: break
      }
    }
    return TrialScore(scores, aggregate: settings.objective.aggregate).end(metric: settings.objective.metric)
  }

  private func measuredCount(_ entry: Entry) -> Int {
    entry.folds.values.count { end in
      if case .measured = end { true } else { false }
    }
  }
}
