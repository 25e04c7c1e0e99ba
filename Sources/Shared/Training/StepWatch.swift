// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// Looks at a fold's training where its rule says so, and ends it where the rule does.
///
/// Its state is the values so far, which travel in the task's checkpoints: a training that is taken up elsewhere ends at the step
/// where an undisturbed one does.
struct StepWatch: Hashable, Sendable {
  struct End: Hashable, Sendable {
    let step: Int
    /// The fold gets no score.
    let isCut: Bool
  }

  let rule: StepRule?
  /// Of the rule's curve.
  private(set) var points: [CurvePoint] = []
  private(set) var end: End?

  init(_ rule: StepRule?) { self.rule = rule }

  /// After a step; true where training ends here.
  ///
  /// - Parameter measure: the metric on the inner rows by the best model so far; `nil` or no number where there is none, and then
  ///   nothing is judged.
  mutating func note(_ step: Int, _ measure: (StepRule) -> Double?) -> Bool {
    guard let rule, let place = rule.places.first(where: { $0.step == step }), look(step, measure),
      let value = points.last?.value
    else { return false }
    if !place.range.contains(value) {
      end = End(step: step, isCut: true)
    } else if let patience = rule.patience, step - lastGain(patience, rule) > patience.steps {
      end = End(step: step, isCut: false)
    }
    return end != nil
  }

  /// Training has ended by itself after `step`: others that come further are compared with its last value.
  mutating func finish(_ step: Int, _ measure: (StepRule) -> Double?) {
    guard step > points.last?.step ?? 0 else { return }
    _ = look(step, measure)
  }

  private mutating func look(_ step: Int, _ measure: (StepRule) -> Double?) -> Bool {
    guard let rule, let value = measure(rule), value.isFinite else { return false }
    points.append(CurvePoint(metric: rule.curveName, step: step, value: value))
    return true
  }

  /// The step of the last value that was better than all before it.
  private func lastGain(_ patience: StepRule.Patience, _ rule: StepRule) -> Int {
    let sign = rule.isMaximized ? 1.0 : -1.0
    var best = points[0]
    for point in points where sign * (point.value - best.value) > patience.gainMin { best = point }
    return best.step
  }
}

extension StepWatch {
  /// Before a learner's own state: the number of values, then (step, bits) of each, little-endian words. Nothing without a rule.
  var encoded: [UInt8] {
    guard rule != nil else { return [] }
    let words = [UInt64(points.count)] + points.flatMap { [UInt64($0.step), $0.value.bitPattern] }
    return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
  }

  /// Takes up what `encoded` wrote.
  ///
  /// - Returns: the learner's state behind it; `nil`, and nothing is taken up, where the bytes are too few.
  mutating func takeUp(_ state: [UInt8]) -> [UInt8]? {
    guard let rule else { return state }
    func word(_ place: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(state[8 * place + $1]) << UInt64(8 * $1) } }
    guard state.count >= 8, let count = Int(exactly: word(0)), count <= rule.places.count,
      state.count >= 8 + 16 * count
    else { return nil }
    points = (0..<count).map { index in
      CurvePoint(
        metric: rule.curveName, step: Int(truncatingIfNeeded: word(1 + 2 * index)),
        value: Double(bitPattern: word(2 + 2 * index)))
    }
    return Array(state[(8 + 16 * count)...])
  }
}
