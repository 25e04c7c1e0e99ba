// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// The steps of a fold at which it is looked at: evenly spaced, or each a factor above the last.
package struct StepSchedule: Hashable, Sendable {
  package enum Spacing: Hashable, Sendable {
    case every(Int)
    case times(Double)
  }

  package let first: Int
  package let spacing: Spacing

  package init(first: Int, _ spacing: Spacing) {
    precondition(first >= 1, "steps from \(first)")
    switch spacing {
    case .every(let interval): precondition(interval >= 1, "every \(interval) steps")
    case .times(let factor): precondition(factor > 1, "steps by a factor of \(factor)")
    }
    self.first = first
    self.spacing = spacing
  }

  /// Those before the last step of a training, ascending: `StepRule.placeCountMax` at most, what is beyond is not looked at.
  package func steps(below stepCount: Int) -> [Int] {
    var steps: [Int] = []
    var next = Double(first)
    while Int(next) < stepCount, steps.count < StepRule.placeCountMax {
      if steps.last != Int(next) { steps.append(Int(next)) }
      switch spacing {
      case .every(let interval): next += Double(interval)
      case .times(let factor): next *= factor
      }
    }
    return steps
  }
}

extension PruningView {
  /// What others of the branch of `index` had at a step of a fold, best first.
  func values(besides index: Int, fold: Int, step: Int) -> [Double] {
    peers(of: index).compactMap { $0.value(inFold: fold, step: step) }.sorted { isBetter($0, than: $1) }
  }

  /// `value` or better is asked for after `step`.
  func place(_ step: Int, atLeast value: Double) -> StepRule.Place {
    .init(step: step, range: direction == .maximize ? value...Double.infinity : -Double.infinity...value)
  }

  /// More than `value` is asked for.
  func place(_ step: Int, above value: Double) -> StepRule.Place {
    place(step, atLeast: direction == .maximize ? value.nextUp : value.nextDown)
  }

  func rule(_ places: [StepRule.Place], patience: StepRule.Patience? = nil) -> StepRule {
    StepRule(metric: metric, isMaximized: direction == .maximize, places: places, patience: patience)
  }
}

extension Entrant {
  /// The curve's value at a step of a fold; the last one where the fold had ended by then with a score.
  func value(inFold fold: Int, step: Int) -> Double? {
    guard folds.indices.contains(fold), let last = folds[fold].curve.last,
      last.step >= step || folds[fold].score != nil
    else { return nil }
    return folds[fold].curve.last { $0.step <= step }?.value
  }
}
