// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Folds as rungs: a trial earns its next fold by standing in the best `keepShare` of its branch over the folds it has.
///
/// Every rival is compared on the same folds, so a hard fold is hard for all. Of n rivals at a rung ⌈keepShare·n⌉ go on,
/// those of earlier rounds counted in: a rung gets stricter as the sweep learns what is good. A trial that beats the best
/// whole trial over the same folds goes on in any case.
package struct FoldRungsPruner: Pruner {
  package let keepShare: Double

  package init(keepShare: Double = 0.5) {
    precondition(keepShare > 0 && keepShare <= 1, "a share of \(keepShare)")
    self.keepShare = keepShare
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    let own = view.trials[index]
    guard let place = own.checkpoint, place.step == nil, place.fold + 1 < view.foldCount else { return .keep }
    guard let value = own.value(at: place) else { return .stop("no value at fold \(place.fold)") }
    if let best = view.incumbent(for: index)?.entrant.value(at: place), view.isBetter(value, than: best) {
      return .keep
    }
    let rivals = view.peers(of: index).compactMap { rival in
      rival.value(at: place).map { (number: rival.number, value: $0) }
    }
    let better = rivals.count {
      view.isBetter($0.value, than: value) || ($0.value == value && $0.number < own.number)
    }
    let kept = max(1, Int((keepShare * Double(rivals.count + 1)).rounded(.up)))
    return better < kept
      ? .keep : .stop("\(better) of \(rivals.count) were better over folds 0…\(place.fold), where \(kept) go on")
  }
}
