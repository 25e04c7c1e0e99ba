// SPDX-License-Identifier: Apache-2.0

import Charts

/// How a fold ended that a rule by step looked into.
enum FoldEnd {
  /// The metric that says at which step; a fold that trained to its own end has none.
  static let metric = "stopped/step"
}

extension Markup {
  /// A fold with a result: as trained, ended early with a score, or cut, which leaves none.
  mutating func foldState(hasScore: Bool, stoppedStep: Double?) {
    guard let step = stoppedStep.map({ Digits.short($0) }) else { return state("completed") }
    guard hasScore else { return element("span", ["class": "state s-pruned"], text: "cut at step \(step)") }
    state("completed")
    element("small", text: " ended at step \(step)")
  }
}
