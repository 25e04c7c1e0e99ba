// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Stops a trial that is unlikely to beat the best whole trial of its branch once all J folds are in.
///
/// After k folds the differences to the incumbent on the same folds, d_1 … d_k, have the mean d̄ and a variance that the
/// sweep has learnt: s² pools the variances of the differences of all trials of the branch (each about its own mean) with
/// the trial's own. The mean over all J folds, k of which are known, then lies around d̄ with variance s²·(1/k − 1/J):
///
///     stop where d̄ + t(1 − α; ν)·s·√(1/k − 1/J) < 0        (for a metric that is maximised)
///
/// At k = J the term is 0 and the comparison exact. A rank test, which knows no variance, can say nothing before its
/// fourth fold at α = 0.1 (the smallest p of k equal signs is 2⁻ᵏ); this one can after the first.
///
/// - Source: the paired t test with a pooled variance; the factor 1/k − 1/J is the correction for a finite population,
///   Cochran 1977, "Sampling Techniques", section 2.6.
package struct PairedTestPruner: Pruner {
  /// Chance of stopping a trial that would have been as good as the incumbent.
  package let alpha: Double
  /// Degrees of freedom that the sweep must have given before it is believed.
  package let freedomMin: Int

  package init(alpha: Double = 0.05, freedomMin: Int = 4) {
    precondition(alpha > 0 && alpha < 0.5, "alpha \(alpha)")
    self.alpha = alpha
    self.freedomMin = freedomMin
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    let own = view.trials[index]
    guard let scores = own.scores else { return .stop("a fold has no value") }
    guard !scores.isEmpty, scores.count < view.foldCount, let incumbent = view.incumbent(for: index)?.entrant,
      let target = incumbent.scores
    else { return .keep }
    let differences = gains(scores, target, view)
    let mean = differences.reduce(0, +) / Double(differences.count)
    var (squares, freedom) = spread(differences)
    for peer in view.peers(of: index) where peer.number != incumbent.number {
      guard let theirs = peer.scores, theirs.count >= 2 else { continue }
      let (sum, count) = spread(gains(theirs, target, view))
      squares += sum
      freedom += count
    }
    guard freedom >= freedomMin else { return .keep }
    let deviation = (squares / Double(freedom)).squareRoot()
    let unknown = max(0, 1 / Double(scores.count) - 1 / Double(view.foldCount)).squareRoot()
    // Beyond 200 degrees t is the normal to three digits, and the quantile costs as many steps as it has degrees.
    let quantile = studentQuantile(1 - alpha, degreesOfFreedom: min(freedom, 200))
    guard mean + quantile * deviation * unknown < 0 else { return .keep }
    return .stop(
      "behind #\(incumbent.number) by \(rounded(-mean, 3)) over \(scores.count) folds, "
        + "± \(rounded(quantile * deviation * unknown, 3)) to the end")
  }

  /// Per common fold, positive where the first is better.
  private func gains(_ own: [Double], _ other: [Double], _ view: PruningView) -> [Double] {
    zip(own, other).map { view.direction == .maximize ? $0 - $1 : $1 - $0 }
  }

  /// Sum of squares about the mean, and its degrees of freedom.
  private func spread(_ values: [Double]) -> (squares: Double, freedom: Int) {
    guard values.count > 1 else { return (0, 0) }
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }, values.count - 1)
  }
}
