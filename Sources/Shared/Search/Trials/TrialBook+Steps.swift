// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
package import Sweeps

/// Rules by step: what ends a fold before its last step, and what becomes of a fold that one ended.
///
/// Only in reproducible sweeps, and only from trials of earlier rounds, all of which have ended when a fold is released: so a rule
/// is the same whoever asks for it, whenever, and after a restart.
extension TrialBook {
  /// What ends a fold of a trial early; `nil` where nothing does but its learner.
  package func stepRule(of trial: Int, fold: Int) -> StepRule? {
    guard let pruner, settings.judgesSteps, settings.isReproducible, entries.indices.contains(trial),
      !entries[trial].isProtected, let stepCount = stepCount(of: trial)
    else { return nil }
    var view = PruningView(
      direction: settings.objective.direction, aggregate: settings.objective.aggregate,
      foldCount: settings.folds.taskCount, bestPossible: Metric.bestPossible(settings.objective.metric),
      metric: settings.objective.metric, trials: entries.indices.prefix(roundStart(trial)).compactMap(curved))
    view.trials.append(Entrant(number: trial, branch: branch(trial), folds: []))
    return pruner.stepRule(on: view.trials.count - 1, fold: fold, stepCount: stepCount, in: view)
  }

  /// The rules of the folds of a trial that may run, by fold.
  package func stepRules(of trial: Int) -> [Int: StepRule] {
    var rules: [Int: StepRule] = [:]
    for fold in 0..<openFoldCount(of: trial) where entries[trial].folds[fold] == nil {
      rules[fold] = stepRule(of: trial, fold: fold)
    }
    return rules
  }

  /// Whether all is known that rules for a trial of this number rest on.
  func isReadyForRules(_ number: Int) -> Bool {
    guard pruner != nil, settings.comparesSteps, settings.isReproducible else { return true }
    return entries.prefix(roundStart(number)).allSatisfy { $0.end != nil }
  }

  /// A fold was ended without a score, and so is its trial: it is learnt by the folds that it has, as any pruned one. What it had in
  /// the cut one is no score that could be compared.
  mutating func cut(_ task: TrialTask, at step: Int) -> Change {
    let (trial, fold) = (task.trial, task.fold)
    let found = entries[trial].curves[fold]?.last.map { rounded($0.value, 4) } ?? "no value"
    let range = stepRule(of: trial, fold: fold)?.places.first { $0.step == step }?.range
    let wanted = range.map(words) ?? "more"
    let count = stepCount(of: trial) ?? step
    let round = roundStart(trial)
    let view = view(upTo: trial + 1) { $0 < round || $0 == trial ? nil : 0 }
    return prune(
      trial,
      "fold \(fold) cut at step \(step) of \(count): \(StepRule.curveName(of: settings.objective.metric)) was \(found), "
        + "\(wanted) was asked for; \(count - step) steps saved", view)
  }

  mutating func countSavings(_ task: TrialTask, _ end: FoldEnd) {
    guard let count = stepCount(of: task.trial) else { return }
    switch end {
    case .cut(let step): stepsSaved += count - step
    case .measured(let metrics, _, _):
      guard let step = metrics.first(where: { $0.name == StepRule.stoppedMetric })?.value else { return }
      stepsSaved += count - Int(step)
    case .missing: break
    }
  }

  private func words(_ range: ClosedRange<Double>) -> String {
    if range.upperBound == .infinity { return "at least \(rounded(range.lowerBound, 4))" }
    if range.lowerBound == -.infinity { return "at most \(rounded(range.upperBound, 4))" }
    return "\(rounded(range.lowerBound, 4)) to \(rounded(range.upperBound, 4))"
  }

  private func branch(_ trial: Int) -> String { entries[trial].order.learner.rawValue }

  /// An ended trial with its curves; `nil` for one that nothing is compared with: by hand, stopped, or failed.
  private func curved(_ trial: Int) -> Entrant? {
    let entry = entries[trial]
    guard entry.ownNumber != nil, !entry.isStopped, entry.end?.state == .completed || entry.end?.state == .pruned else {
      return nil
    }
    var folds: [Entrant.Fold] = []
    for fold in 0..<settings.folds.taskCount {
      guard entry.folds[fold] != nil else { break }
      folds.append(Entrant.Fold(curve: entry.curves[fold] ?? [], score: value(entry, fold)))
    }
    return Entrant(number: trial, branch: branch(trial), folds: folds)
  }

  /// Steps that a trial's folds train at most; `nil` where they cannot be looked at: a learner without steps, or no inner rows.
  private func stepCount(of trial: Int) -> Int? {
    let parameters = entries[trial].order.parameters
    guard let name = entries[trial].order.learner.stepParameter, case .integer(let count)? = parameters[name],
      parameters["patience"] != .integer(0)
    else { return nil }
    return Int(count)
  }
}

extension TrialBook.FoldEnd {
  /// What a recorded result is: with a score, or cut.
  package init(_ metrics: [MetricValue], trainRowCount: Int, validRowCount: Int, objective: Objective) {
    let step = metrics.first { $0.name == StepRule.stoppedMetric }?.value
    if let step, !metrics.contains(where: { $0.name == objective.metric }) {
      self = .cut(step: Int(step))
    } else {
      self = .measured(metrics, trainRowCount: trainRowCount, validRowCount: validRowCount)
    }
  }
}

extension Learner {
  /// The parameter that counts the steps at which a training can be looked at.
  package var stepParameter: String? {
    switch self {
    case .booster: "trees"
    case .lstm: "epochs"
    case .linear: nil
    }
  }
}
