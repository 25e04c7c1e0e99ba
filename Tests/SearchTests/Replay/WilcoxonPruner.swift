// SPDX-License-Identifier: Apache-2.0

import Search

/// The peer's rule for folds, to be compared with: Wilcoxon's signed-rank test against the best whole trial on common
/// folds, one-sided and exact, at p < 0.1.
///
/// - Source: Optuna's documentation of `WilcoxonPruner`; Wilcoxon 1945.
struct WilcoxonPruner: Pruner {
  var threshold = 0.1

  func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    let own = view.trials[index]
    let whole = view.trials.filter {
      $0.number != own.number && $0.branch == own.branch && $0.foldsDone == view.foldCount
    }
    let best = whole.max { ($0.scores ?? []).reduce(0, +) < ($1.scores ?? []).reduce(0, +) }
    guard let best = best?.scores, let scores = own.scores, scores.count < view.foldCount else { return .keep }
    let losses = zip(best, scores).map { $0 - $1 }.filter { $0 != 0 }
    let ranked = losses.sorted { abs($0) < abs($1) }
    let won = ranked.enumerated().reduce(0) { $1.element > 0 ? $0 + $1.offset + 1 : $0 }
    // All 2ⁿ signs are equally likely where the two are equal.
    var ways = 0
    for signs in 0..<(1 << ranked.count) {
      let sum = ranked.indices.reduce(0) { signs >> $1 & 1 == 1 ? $0 + $1 + 1 : $0 }
      if sum >= won { ways += 1 }
    }
    return Double(ways) / Double(1 << ranked.count) < threshold ? .stop("signed ranks") : .keep
  }
}
