// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Sweeps

extension TrialBook {
  /// Verdicts of a reproducible sweep: round by round, fold by fold, as far as the results reach.
  mutating func advance() -> [Change] {
    guard let pruner else { return [] }
    var changes: [Change] = []
    while true {
      while firstOpen < entries.count, entries[firstOpen].end != nil || isByHand(firstOpen) {
        firstOpen += 1
      }
      guard firstOpen < entries.count, let round = closedRound(of: firstOpen) else {
        return changes
      }
      let alive = round.filter { entries[$0].end == nil && !isByHand($0) }
      let judged = alive.filter {
        !entries[$0].isProtected && entries[$0].openCount < settings.folds.taskCount
      }
      // Only protected trials and those with all folds released are left: they end by themselves.
      guard let stage = judged.map({ entries[$0].openCount }).min() else { return changes }
      let isIn = alive.allSatisfy { trial in
        (0..<stage).allSatisfy { entries[trial].folds[$0] != nil }
      }
      guard isIn else { return changes }
      let view = view(upTo: round.upperBound) { $0 < round.lowerBound ? nil : stage }
      let stopped = judged.filter { entries[$0].openCount == stage }.compactMap {
        trial -> (Int, String)? in
        guard case .stop(let reason) = pruner.verdict(on: trial, in: view) else { return nil }
        return (trial, reason)
      }
      for (trial, reason) in stopped { changes.append(prune(trial, reason, view)) }
      for trial in judged where entries[trial].end == nil && entries[trial].openCount == stage {
        changes.append(release(trial))
      }
    }
  }

  /// A verdict on one trial by all that is known, for sweeps that are not reproducible.
  mutating func judge(_ trial: Int) -> [Change] {
    let entry = entries[trial]
    guard let pruner, entry.end == nil, !entry.isProtected,
      entry.openCount < settings.folds.taskCount,
      (0..<entry.openCount).allSatisfy({ entry.folds[$0] != nil })
    else { return [] }
    let view = view(upTo: entries.count) { _ in nil }
    if case .stop(let reason) = pruner.verdict(on: trial, in: view) {
      return [prune(trial, reason, view)]
    }
    return [release(trial)]
  }

  /// Ends a trial by hand, or because an earlier start did.
  package mutating func stop(_ trial: Int, reason: String) -> [Change] {
    guard entries.indices.contains(trial), entries[trial].end == nil else { return [] }
    return [prune(trial, reason, view(upTo: entries.count) { _ in nil })] + advance()
  }

  private mutating func release(_ trial: Int) -> Change {
    entries[trial].openCount += 1
    return .released(trial: trial, foldCount: entries[trial].openCount)
  }

  mutating func prune(_ trial: Int, _ reason: String, _ view: PruningView) -> Change {
    let done = measuredCount(entries[trial])
    let left = settings.folds.taskCount - entries[trial].folds.count
    let end = TrialEnd(
      state: .pruned, objective: nil, objectiveSD: nil, interval: nil, foldsDone: done,
      reason: "\(reason); \(left) of \(settings.folds.taskCount) folds saved")
    entries[trial].end = end
    learn(trial, objective: estimate(trial, view))
    return .ended(trial: trial, end)
  }

  /// Trials whose folds are compared with each other: those that share one state of the sampler's knowledge, or
  /// `roundSize` of them where it needs none. `nil` while more of them may come.
  private func closedRound(of trial: Int) -> Range<Int>? {
    let key = roundKey(trial)
    var end = trial
    while end < entries.count, roundKey(end) == key { end += 1 }
    var start = trial
    while start > 0, roundKey(start - 1) == key { start -= 1 }
    let isClosed =
      end < entries.count || isExhausted || ownNumber(end) >= settings.trialCountMax
      || roundKey(end) != key
    return isClosed ? start..<end : nil
  }

  /// A trial by hand stands in the round of the sampler's next one, and takes no part in it.
  func roundKey(_ trial: Int) -> [Int] {
    let own = ownNumber(trial)
    let prefix = sampler.prefixCount(trial: own)
    return [prefix, prefix == 0 ? own / settings.roundSize : 0]
  }

  func isByHand(_ trial: Int) -> Bool { entries[trial].ownNumber == nil }

  /// The sampler's number of a trial, or of its next one.
  func ownNumber(_ trial: Int) -> Int {
    guard trial < entries.count else { return ownCount + trial - entries.count }
    if let own = entries[trial].ownNumber { return own }
    return entries[trial...].lazy.compactMap(\.ownNumber).first ?? ownCount
  }

  /// The trials before `end` as the pruner sees them, each with all its folds or the first `limit` of them.
  func view(upTo end: Int, limit: (Int) -> Int?) -> PruningView {
    PruningView(
      direction: settings.objective.direction, aggregate: settings.objective.aggregate,
      foldCount: settings.folds.taskCount,
      bestPossible: Metric.bestPossible(settings.objective.metric),
      trials: entries.prefix(end).enumerated().map { trial, entry in
        var folds: [Entrant.Fold] = []
        // One by hand is not compared with: when it came is no part of the search.
        let isCompared = entry.ownNumber != nil
        for fold in 0..<(limit(trial) ?? settings.folds.taskCount) {
          guard isCompared, let value = value(entry, fold) else { break }
          folds.append(Entrant.Fold(score: value))
        }
        return Entrant(number: trial, branch: entry.order.learner.rawValue, folds: folds)
      })
  }

  /// NaN where the fold ended without a value, `nil` where it has not ended.
  func value(_ entry: Entry, _ fold: Int) -> Double? {
    switch entry.folds[fold] {
    case nil: nil
    case .missing: .nan
    case .cut: nil
    case .measured(let metrics, _, _):
      metrics.first { $0.name == settings.objective.metric }?.value ?? .nan
    }
  }

  /// What a pruned trial would have scored, as far as its folds tell: its mean, less how much easier those folds were
  /// for the trials that have all of them. Never better than the best whole trial, or it would not have been pruned.
  private func estimate(_ trial: Int, _ view: PruningView) -> Double? {
    let entrant = view.trials[trial]
    guard let own = entrant.scores, !own.isEmpty else { return nil }
    let whole = view.trials.compactMap { $0.foldsDone == view.foldCount ? $0.scores : nil }
    let mean = own.reduce(0, +) / Double(own.count)
    guard !whole.isEmpty else { return mean }
    var (seen, all) = (0.0, 0.0)
    for scores in whole {
      for (fold, score) in scores.enumerated() {
        all += score
        if fold < own.count { seen += score }
      }
    }
    let ease = seen / Double(whole.count * own.count) - all / Double(whole.count * view.foldCount)
    let best = whole.compactMap(view.score).reduce(nil as Double?) { best, score in
      best.map { view.isBetter(score, than: $0) ? score : $0 } ?? score
    }
    let estimate = mean - ease
    guard let best else { return estimate }
    return view.isBetter(estimate, than: best) ? best : estimate
  }
}
