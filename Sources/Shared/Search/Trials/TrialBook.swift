// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
package import Sweeps

/// Which trials a sweep has, which of their folds are in, and what each trial scored: ask and tell, by the fold.
///
/// Pure. Its state is a function of the sampler, the pruner and of recorded results: a restart restores it from the
/// tracker's rows.
///
/// Without a pruner all folds of a trial may run at once. With one a trial begins with its first fold and is given the next
/// when a verdict has let it go on. In a reproducible sweep verdicts fall for a whole *round* of trials at a time, once
/// all of them have the fold in question and all earlier rounds have ended: what is compared is then the same for any
/// number of workers. Otherwise a verdict falls with each result, by all that is known.
package struct TrialBook: Sendable {
  /// How a task ended, as far as its trial is concerned.
  package enum FoldEnd: Sendable {
    case measured([MetricValue], trainRowCount: Int, validRowCount: Int)
    /// No score; why.
    case missing(String)
    /// Ended after a step by its rule, without a score.
    case cut(step: Int)
  }

  /// What a result, or the end of the proposals, brought about.
  package enum Change: Hashable, Sendable {
    /// The trial has ended; once more when a late result changes how. A pruned one has open folds that no one wants.
    case ended(trial: Int, TrialEnd)
    /// The first `foldCount` folds of the trial may run.
    case released(trial: Int, foldCount: Int)
  }

  struct Entry {
    let order: TrialOrder
    let proposal: Parameters
    let isProtected: Bool
    /// Its number among the sampler's own trials; `nil` for one that was added by hand.
    let ownNumber: Int?
    var folds: [Int: FoldEnd] = [:]
    /// What was measured within folds, for rules by step.
    var curves: [Int: [Entrant.Point]] = [:]
    /// A fold was given up. The sampler learns the trial as failed, even where a late result mends it: whether that came
    /// before or after the sampler looked is not on record, and a restart must propose the same.
    var wasGivenUp = false
    /// Ended by hand.
    var isStopped = false
    var end: TrialEnd?
    /// Folds, from 0, that may run.
    var openCount: Int
  }

  package let settings: Settings
  var sampler: any Sampler
  let pruner: (any Pruner)?
  var entries: [Entry] = []
  var history: TrialHistory
  /// No trial will be proposed any more.
  package internal(set) var isExhausted = false
  /// Why no trial will be proposed any more.
  package private(set) var ending: String?
  /// Trials by hand that are still to be numbered.
  var waiting: [Parameters] = []
  /// Trials that the sampler proposed.
  var ownCount = 0
  /// Every trial before it has ended; verdicts of a reproducible sweep wait for it.
  var firstOpen = 0
  /// Results of trials before it have been learnt from: a late result must not change what was known.
  private var learntCount = 0

  package init(
    _ settings: Settings, sampler: any Sampler, space: SearchSpace = SearchSpace([]),
    pruner: (any Pruner)? = nil
  ) {
    self.settings = settings
    self.sampler = sampler
    self.pruner = pruner
    history = TrialHistory(UnitCube(space))
  }

  package var trialCount: Int { entries.count }
  package var foldsDone: Int { entries.reduce(0) { $0 + $1.folds.count } }
  package var endedCount: Int { entries.count { $0.end != nil } }
  package var failedCount: Int { entries.count { $0.end?.state == .failed } }
  package var prunedCount: Int { entries.count { $0.end?.state == .pruned } }
  /// Folds that pruned trials did not train.
  package var foldsSaved: Int {
    entries.reduce(0) {
      $1.end?.state == .pruned ? $0 + settings.folds.taskCount - $1.folds.count : $0
    }
  }
  /// Steps that rules by step saved within folds that were begun.
  package internal(set) var stepsSaved = 0
  /// Every trial that will ever be is here and has ended.
  package var isComplete: Bool {
    isExhausted && waiting.isEmpty && entries.allSatisfy { $0.end != nil }
  }
  package var orders: [TrialOrder] { entries.map(\.order) }

  /// Trials that will be, as far as is known: the budget, or fewer where the space is exhausted.
  package var trialCountExpected: Int {
    (isExhausted ? entries.count : settings.trialCountMax + entries.count - ownCount)
      + waiting.count
  }

  /// The best trial so far: a completed one with a score.
  package var best: (order: TrialOrder, end: TrialEnd)? {
    let ranked = settings.objective.direction.ranked(completed)
    guard let first = ranked.first, first.objective != nil, let end = entries[first.number].end
    else { return nil }
    return (entries[first.number].order, end)
  }

  package func order(of trial: Int) -> TrialOrder? {
    entries.indices.contains(trial) ? entries[trial].order : nil
  }
  package func end(of trial: Int) -> TrialEnd? {
    entries.indices.contains(trial) ? entries[trial].end : nil
  }
  /// The folds, from 0, that may run.
  package func openFoldCount(of trial: Int) -> Int {
    entries.indices.contains(trial) ? entries[trial].openCount : 0
  }

  /// The next trial, or `nil` when the budget or the space is used up, or the sampler waits for results.
  ///
  /// - Throws: for a proposal that its learner does not take, which the sweep file's checks should have seen.
  package mutating func propose() throws(ParameterError) -> TrialOrder? {
    if !waiting.isEmpty {
      let given = waiting.removeFirst()
      return try add(given, isByHand: true)
    }
    guard !isExhausted else { return nil }
    switch budgetVerdict(on: entries.count) {
    case .goOn: return isReadyForRules(entries.count) ? try suggest() : nil
    case .wait: return nil
    case .spent(let why):
      close(why)
      return nil
    }
  }

  /// The sampler's next trial, whatever the budget says.
  private mutating func suggest() throws(ParameterError) -> TrialOrder? {
    let prefix =
      settings.isReproducible
      ? bookCount(ofOwn: sampler.prefixCount(trial: ownCount)) : entries.count
    if settings.isReproducible {
      guard entries.prefix(prefix).allSatisfy({ $0.end != nil }) else { return nil }
      learntCount = max(learntCount, prefix)
    }
    history.knownCount =
      sampler.learnsFromAnyTrial ? prefix : entries.prefix(prefix).count { $0.ownNumber != nil }
    guard let proposal = sampler.suggest(trial: ownCount, after: history) else {
      close("the space is exhausted after \(ownCount) trials")
      return nil
    }
    return try add(proposal)
  }

  /// No more proposals: what is here is all that will be. For a budget of time, and once `propose` has found it so.
  package mutating func stopProposing(_ why: String) -> [Change] {
    close(why)
    return advance()
  }

  private mutating func close(_ why: String) {
    isExhausted = true
    ending = ending ?? why
  }

  mutating func add(_ proposal: Parameters, isByHand: Bool = false) throws(ParameterError)
    -> TrialOrder
  {
    let order = try makeOrder(entries.count, proposal)
    let isGiven = isByHand || (settings.protectsEnqueued && ownCount < settings.enqueuedCount)
    let isProtected = isGiven || settings.protected.contains(order.learner.rawValue)
    let isStaged = pruner != nil && !isProtected
    entries.append(
      Entry(
        order: order, proposal: proposal, isProtected: isProtected,
        ownNumber: isByHand ? nil : ownCount,
        openCount: isStaged ? 1 : settings.folds.taskCount))
    if !isByHand { ownCount += 1 }
    if !isByHand || sampler.learnsFromAnyTrial { history.append(proposal) }
    return order
  }

  /// Enters what became of a task.
  package mutating func record(_ task: TrialTask, _ end: FoldEnd, curve: [CurvePoint] = []) -> [Change] {
    guard entries.indices.contains(task.trial), task.fold < settings.folds.taskCount else {
      return []
    }
    if entries[task.trial].isStopped {
      entries[task.trial].folds[task.fold] = end
      return []
    }
    // A pruned trial is over, and so is a failed one that its rivals have been compared without.
    if entries[task.trial].end?.state == .pruned
      || (pruner != nil && entries[task.trial].end != nil)
    {
      return []
    }
    if case .missing = end { entries[task.trial].wasGivenUp = true }
    // Rivals are compared as if it had none, whenever its result comes.
    if pruner != nil, case .missing? = entries[task.trial].folds[task.fold] { return [] }
    entries[task.trial].folds[task.fold] = end
    entries[task.trial].curves[task.fold] = curve.map { .init(step: $0.step, value: $0.value) }
    countSavings(task, end)
    var changes: [Change] = []
    let entry = entries[task.trial]
    let isOver = entry.folds.count == settings.folds.taskCount
    // A trial that cannot be scored any more is given no further fold; those that may run are waited for.
    let isLost = hasMissing(entry) && (0..<entry.openCount).allSatisfy { entry.folds[$0] != nil }
    if case .cut(let step) = end {
      changes.append(cut(task, at: step))
    } else if isOver || isLost {
      let trialEnd = score(entries[task.trial])
      entries[task.trial].end = trialEnd
      learn(task.trial, objective: entries[task.trial].wasGivenUp ? nil : trialEnd.objective)
      changes.append(.ended(trial: task.trial, trialEnd))
    }
    if pruner != nil { changes += settings.isReproducible ? advance() : judge(task.trial) }
    return changes
  }

  /// The sampler's view of an ended trial: a loss.
  mutating func learn(_ trial: Int, objective: Double?) {
    guard trial >= learntCount,
      let row = sampler.learnsFromAnyTrial ? trial : entries[trial].ownNumber
    else { return }
    let sign = settings.objective.direction == .maximize ? -1.0 : 1.0
    let loss = objective.map { sign * $0 } ?? .infinity
    history.settle(row, loss: loss, vector: settings.objective.second.map { [loss, secondLoss(trial, $0)] } ?? [])
  }

  /// The mean over the folds as a loss; +∞ where a fold has none.
  private func secondLoss(_ trial: Int, _ second: Objective.Second) -> Double {
    var sum = 0.0
    for fold in 0..<settings.folds.taskCount {
      guard case .measured(let metrics, _, _)? = entries[trial].folds[fold],
        let value = metrics.first(where: { $0.name == second.metric })?.value, value.isFinite
      else { return .infinity }
      sum += value
    }
    return (second.direction == .maximize ? -1 : 1) * sum / Double(settings.folds.taskCount)
  }

  /// The next trial as an earlier start recorded it; the sampler must propose the same, for it is a function of the seed.
  ///
  /// - Throws: `RestoreError` where it does not: the sweep was recorded by other code.
  package mutating func restore(
    _ record: TrialRecord, isByHand: Bool = false
  ) throws(RestoreError) -> TrialOrder {
    let proposed: TrialOrder?
    do {
      if isByHand {
        proposed = try add(proposal(of: record), isByHand: true)
      } else {
        proposed = settings.isReproducible ? try suggest() : try add(proposal(of: record))
      }
    } catch {
      throw RestoreError(
        trial: record.number, recorded: record.parameters.json, proposed: "\(error)")
    }
    guard let proposed, proposed.trial == record.number, proposed.learner == record.learner,
      proposed.parameters == record.parameters
    else {
      throw RestoreError(
        trial: record.number, recorded: record.parameters.json,
        proposed: proposed?.parameters.json ?? "nothing")
    }
    return proposed
  }

  /// The proposal behind a recorded trial: the space's own keys of it, and its model.
  private func proposal(of record: TrialRecord) -> Parameters {
    var known = record.parameters
    known["model"] = .text(record.learner.rawValue)
    let axes = history.cube
    let inSpace = axes.space.walk { parameter, _ in
      known[parameter.name] ?? parameter.distribution.value(atUnit: 0.5)
    }
    // Keys beyond the space's are defaults, unless they were given by hand: the record has them all.
    for entry in inSpace.entries where known[entry.name] == nil { known[entry.name] = entry.value }
    return known
  }

  var completed: [CompletedTrial] {
    entries.filter { $0.end != nil }.map { entry in
      CompletedTrial(
        number: entry.order.trial, parameters: entry.proposal, objective: entry.end?.objective)
    }
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

  /// `model` names the learner; what is left are its parameters, defaults written out.
  func makeOrder(_ number: Int, _ proposal: Parameters) throws(ParameterError) -> TrialOrder {
    let names = Learner.allCases.map(\.rawValue).joined(separator: ", ")
    guard case .text(let name)? = proposal["model"], let learner = Learner(rawValue: name) else {
      throw ParameterError(
        name: "model", expected: "one of \(names)", found: proposal["model"]?.json ?? "nothing")
    }
    var parameters = proposal
    parameters["model"] = nil
    return TrialOrder(
      sweep: settings.sweep, trial: number, learner: learner,
      parameters: try learner.resolve(parameters),
      dataset: settings.dataset, outcome: settings.outcome, folds: settings.folds,
      seed: settings.seed)
  }

  func hasMissing(_ entry: Entry) -> Bool {
    entry.folds.values.contains { end in if case .missing = end { true } else { false } }
  }

  private func score(_ entry: Entry) -> TrialEnd {
    var scores: [TrialScore.Fold] = []
    for fold in 0..<settings.folds.taskCount {
      switch entry.folds[fold] {
      case .measured(let metrics, let trainRowCount, let validRowCount):
        let value = metrics.first { $0.name == settings.objective.metric }?.value ?? .nan
        scores.append(
          TrialScore.Fold(
            fold: fold, value: value, trainRowCount: trainRowCount, validRowCount: validRowCount))
      case .missing(let reason):
        return TrialEnd(
          state: .failed, objective: nil, objectiveSD: nil, interval: nil,
          foldsDone: measuredCount(entry),
          reason: "fold \(fold): \(reason)")
      // A trial with a cut fold was pruned when it was cut.
      case .cut, nil: break
      }
    }
    return TrialScore(scores, aggregate: settings.objective.aggregate).end(
      metric: settings.objective.metric)
  }

  func measuredCount(_ entry: Entry) -> Int {
    entry.folds.values.count { end in
      if case .measured = end { true } else { false }
    }
  }
}
