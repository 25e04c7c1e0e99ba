// SPDX-License-Identifier: Apache-2.0

/// Successive halving in brackets, each with another first rung, against the bet that one fold tells enough.
///
/// Bracket s of 0 … s_max = ⌊log_η J⌋ has its first rung at ηˢ folds and shares nothing with the others. Trials are dealt to
/// brackets by number, in proportion to what a bracket of Hyperband has: ⌈(s_max + 1)/(s_max − s + 1)·η^(s_max − s)⌉.
/// With TPE as the sampler this is BOHB.
///
/// - Source: Li et al. 2018, "Hyperband", algorithm 1; Falkner, Klein & Hutter 2018, "BOHB".
package struct HyperbandPruner: Pruner {
  package let reduction: Double

  package init(reduction: Double = 3) {
    precondition(reduction > 1, "a reduction by \(reduction)")
    self.reduction = reduction
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    let bracket = bracket(of: view.trials[index].number, foldCount: view.foldCount)
    var first = 1.0
    for _ in 0..<bracket { first *= reduction }
    return SuccessiveHalvingPruner(minimum: Int(first), reduction: reduction)
      .verdict(on: index, in: view) { self.bracket(of: $0.number, foldCount: view.foldCount) == bracket }
  }

  package func bracket(of number: Int, foldCount: Int) -> Int {
    var (last, reach) = (0, reduction)
    while Int(reach) <= foldCount {
      last += 1
      reach *= reduction
    }
    let sizes = (0...last).map { bracket -> Int in
      var size = Double(last + 1) / Double(last - bracket + 1)
      for _ in 0..<(last - bracket) { size *= reduction }
      return Int(size.rounded(.up))
    }
    var place = number % sizes.reduce(0, +)
    for (bracket, size) in sizes.enumerated() {
      if place < size { return bracket }
      place -= size
    }
    return last
  }
}
