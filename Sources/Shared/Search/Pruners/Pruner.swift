// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// Ends trials early by what their folds, and the steps within a fold, have shown.
///
/// A verdict is a function of the view alone. In a reproducible sweep the view holds the trials of earlier rounds and, of
/// the trial's own round, the folds that every one of them has: so who finished first plays no part.
///
/// Trials are compared within their branch (their learner), never across, and a protected one is never asked about.
package protocol Pruner: Sendable {
  /// Whether the trial at `index` of `view.trials` goes on.
  func verdict(on index: Int, in view: PruningView) -> PruningVerdict

  /// What ends fold `fold` of the trial at `index` before the last of its `stepCount` steps. The view holds ended trials of
  /// earlier rounds, with curves, and this trial; `nil` for pruners that judge whole folds alone.
  func stepRule(on index: Int, fold: Int, stepCount: Int, in view: PruningView) -> StepRule?
}

extension Pruner {
  package func stepRule(on index: Int, fold: Int, stepCount: Int, in view: PruningView) -> StepRule? { nil }
}

package enum PruningVerdict: Hashable, Sendable {
  case keep
  /// Why, for the tracker and for people.
  case stop(String)
}

/// What a pruner may look at.
package struct PruningView: Sendable {
  package let direction: Direction
  package let aggregate: Aggregate
  /// Folds of a whole trial, J.
  package let foldCount: Int
  /// The best value that the metric can have on a fold; `nil` where it has no such end.
  package let bestPossible: Double?
  /// By its name on held-out rows; for rules by step.
  package let metric: String
  package var trials: [Entrant]

  package init(
    direction: Direction, aggregate: Aggregate = .mean, foldCount: Int, bestPossible: Double? = nil,
    metric: String = "", trials: [Entrant] = []
  ) {
    self.direction = direction
    self.aggregate = aggregate
    self.foldCount = foldCount
    self.bestPossible = bestPossible
    self.metric = metric
    self.trials = trials
  }
}

/// A trial as far as it has come.
package struct Entrant: Hashable, Sendable {
  /// A fold: its curve, and its score once it has ended.
  package struct Fold: Hashable, Sendable {
    /// Ascending by step.
    package let curve: [Point]
    package let score: Double?

    package init(curve: [Point] = [], score: Double?) {
      self.curve = curve
      self.score = score
    }
  }

  package struct Point: Hashable, Sendable {
    package let step: Int
    package let value: Double

    package init(step: Int, value: Double) {
      self.step = step
      self.value = value
    }
  }

  package let number: Int
  package let branch: String
  /// Fold 0 first, without a gap; only the last may be under way.
  package let folds: [Fold]

  package init(number: Int, branch: String, folds: [Fold]) {
    self.number = number
    self.branch = branch
    self.folds = folds
  }

  package var foldsDone: Int { folds.count { $0.score != nil } }
}

/// A place on a trial's way: a fold from 0, and a step in it or, with `nil`, its end.
package struct Checkpoint: Hashable, Sendable {
  package let fold: Int
  package let step: Int?

  package init(fold: Int, step: Int?) {
    self.fold = fold
    self.step = step
  }
}

extension Entrant {
  /// How far the trial has come; `nil` before its first value.
  package var checkpoint: Checkpoint? {
    guard let last = folds.last else { return nil }
    if last.score != nil { return Checkpoint(fold: folds.count - 1, step: nil) }
    if let point = last.curve.last { return Checkpoint(fold: folds.count - 1, step: point.step) }
    return folds.count > 1 ? Checkpoint(fold: folds.count - 2, step: nil) : nil
  }

  /// The mean over the folds before `checkpoint` and the value there; `nil` where the trial has not come so far or a
  /// value is not finite.
  package func value(at checkpoint: Checkpoint) -> Double? {
    guard folds.count > checkpoint.fold else { return nil }
    var sum = 0.0
    for fold in 0..<checkpoint.fold {
      guard let score = folds[fold].score, score.isFinite else { return nil }
      sum += score
    }
    let here = folds[checkpoint.fold]
    let last: Double?
    if let step = checkpoint.step {
      guard let end = here.curve.last, end.step >= step || here.score != nil else { return nil }
      last = here.curve.last { $0.step <= step }?.value
    } else {
      last = here.score
    }
    guard let last, last.isFinite else { return nil }
    return (sum + last) / Double(checkpoint.fold + 1)
  }

  /// The scores of the ended folds, where all are finite.
  package var scores: [Double]? {
    let scores = folds.compactMap(\.score)
    return scores.allSatisfy(\.isFinite) ? scores : nil
  }
}

extension PruningView {
  /// Trials of the branch of `index`, itself left out.
  func peers(of index: Int) -> [Entrant] {
    trials.indices.filter { $0 != index && trials[$0].branch == trials[index].branch }.map { trials[$0] }
  }

  func isBetter(_ left: Double, than right: Double) -> Bool { direction == .maximize ? left > right : left < right }

  /// The best trial of the branch that has all its folds, itself left out; the lower number among equals.
  func incumbent(for index: Int) -> (entrant: Entrant, score: Double)? {
    var best: (entrant: Entrant, score: Double)?
    for peer in peers(of: index) where peer.foldsDone == foldCount {
      guard let score = score(of: peer.folds.compactMap(\.score)) else { continue }
      if best.map({ isBetter(score, than: $0.score) }) ?? true { best = (peer, score) }
    }
    return best
  }

  /// The aggregate over folds; `nil` where a score is not finite.
  func score(of scores: [Double]) -> Double? {
    guard !scores.isEmpty, scores.allSatisfy(\.isFinite) else { return nil }
    if aggregate == .mean { return scores.reduce(0, +) / Double(scores.count) }
    let sorted = scores.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}
