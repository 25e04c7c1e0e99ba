// SPDX-License-Identifier: Apache-2.0

import Sweeps
import SwiftProtobuf

extension Muster_V1_StepRule {
  init(_ rule: StepRule) {
    metric = rule.metric
    isMaximized = rule.isMaximized
    steps = rule.places.map { Int64($0.step) }
    lows = rule.places.map(\.range.lowerBound)
    highs = rule.places.map(\.range.upperBound)
    patience = Int64(rule.patience?.steps ?? 0)
    gainMin = rule.patience?.gainMin ?? 0
  }

  func value() throws(WireError) -> StepRule {
    guard steps.count <= WireLimit.stepPlaces, lows.count == steps.count, highs.count == steps.count else {
      throw .outOfRange(field: "step_rule", expected: "at most \(WireLimit.stepPlaces) steps, equal lists")
    }
    var places: [StepRule.Place] = []
    for (index, step) in steps.enumerated() {
      // A comparison with NaN is false.
      guard lows[index] <= highs[index], index == 0 || steps[index - 1] < step else {
        throw .outOfRange(field: "step_rule", expected: "ascending steps, each low at most its high")
      }
      places.append(.init(step: try count(step, "step_rule step", min: 1), range: lows[index]...highs[index]))
    }
    guard gainMin.isFinite, gainMin >= 0 else {
      throw .outOfRange(field: "step_rule gain_min", expected: "a finite number of at least 0")
    }
    let patience = try count(patience, "step_rule patience")
    return StepRule(
      metric: try name(metric, "step_rule metric", isMetric: true), isMaximized: isMaximized, places: places,
      patience: patience > 0 ? .init(steps: patience, gainMin: gainMin) : nil)
  }
}
