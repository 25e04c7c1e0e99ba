// SPDX-License-Identifier: Apache-2.0

import Sweeps

extension TrialBook {
  /// Whether trial `number` may begin.
  enum BudgetVerdict: Equatable {
    case goOn
    /// Results decide that are still to come.
    case wait
    /// Why no trial begins any more.
    case spent(String)
  }

  /// In a reproducible sweep a function of the number and of the results of all rounds before its own: any number of workers
  /// stops at the same trial.
  func budgetVerdict(on number: Int) -> BudgetVerdict {
    guard ownNumber(number) < settings.trialCountMax else {
      return .spent("budget.trials: \(settings.trialCountMax) trials")
    }
    let known = settings.isReproducible ? roundStart(number) : number
    let verdicts = [foldVerdict(number, known), scoreVerdict(known)]
    return verdicts.first { $0 != .goOn && $0 != .wait } ?? verdicts.first { $0 == .wait } ?? .goOn
  }

  /// No trial begins where the budget is spent already, as it is when a finished sweep is opened again.
  package mutating func closeIfSpent() -> [Change] {
    guard !isExhausted, case .spent(let why) = budgetVerdict(on: entries.count) else { return [] }
    return stopProposing(why)
  }

  private func foldVerdict(_ number: Int, _ known: Int) -> BudgetVerdict {
    let full = settings.folds.taskCount
    guard let most = settings.stopRules.foldCountMax, (number + 1) * full > most else {
      return .goOn
    }
    let spent = BudgetVerdict.spent("budget.folds: at most \(most) folds are trained")
    // Without a pruner no trial will have taken less.
    guard pruner != nil else { return spent }
    let cost =
      entries.prefix(known).reduce(0) { $0 + ($1.end == nil ? full : $1.folds.count) }
      + (number - known) * full
    if settings.isReproducible, !hasEnded(known) { return .wait }
    if cost + full <= most { return .goOn }
    return settings.isReproducible || hasEnded(number) ? spent : .wait
  }

  private func scoreVerdict(_ known: Int) -> BudgetVerdict {
    let rules = settings.stopRules
    guard rules.target != nil || rules.noImprovementCount != nil else { return .goOn }
    if settings.isReproducible, !hasEnded(known) { return .wait }
    let sign = settings.objective.direction == .maximize ? 1.0 : -1.0
    var (best, bestTrial) = (-Double.infinity, -1)
    for (trial, entry) in entries.prefix(known).enumerated() {
      guard let end = entry.end, end.state == .completed, let objective = end.objective else {
        continue
      }
      if let target = rules.target, sign * objective >= sign * target {
        return .spent(
          "budget.stop_if.target: trial #\(trial) reached \(objective), \(target) was asked for")
      }
      if sign * objective > best + rules.minDelta || bestTrial < 0 {
        (best, bestTrial) = (sign * objective, trial)
      }
    }
    guard let most = rules.noImprovementCount else { return .goOn }
    // A trial that runs may still improve.
    let ended = entries.prefix(known).enumerated().count {
      $0.offset > bestTrial && $0.element.end != nil
    }
    guard ended >= most else { return .goOn }
    return .spent(
      "budget.stop_if.no_improvement: \(ended) trials since "
        + (bestTrial < 0 ? "the first, none with a score" : "the best, #\(bestTrial)"))
  }

  private func hasEnded(_ count: Int) -> Bool { entries.prefix(count).allSatisfy { $0.end != nil } }

  func roundStart(_ number: Int) -> Int {
    let key = roundKey(number)
    var start = number
    while start > 0, roundKey(start - 1) == key { start -= 1 }
    return start
  }
}
