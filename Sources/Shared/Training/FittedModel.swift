// SPDX-License-Identifier: Apache-2.0

/// What fitting a fold gave, whatever the learner.
struct FittedModel {
  /// Of the held-out rows, in their order.
  let predictions: [Float]
  let trainLoss: [Double]
  /// On the inner split; empty without one.
  let innerLoss: [Double]
  /// From 1.
  let bestStep: Int
  /// The model as a file, for learners that have a format.
  let encoded: [UInt8]?
  /// What was looked at on the way, and what ended it.
  var watch = StepWatch(nil)
}
