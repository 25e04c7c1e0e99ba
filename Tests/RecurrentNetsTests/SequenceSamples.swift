// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import RecurrentNets

/// Random sequences whose label depends on what happened when.
enum SequenceSample {
  /// Normal inputs and statics, elapsed hours 1–9; labels have no meaning.
  static func noise(
    rowCount: Int, stepCount: Int, inputCount: Int, staticCount: Int, objective: ObjectiveKind, seed: UInt64
  ) -> (batch: SequenceBatch, labels: [Float]) {
    var random = CounterGenerator(key: derivedSeed(seed, .synthesis))
    let batch = SequenceBatch(
      inputs: (0..<rowCount * stepCount * inputCount).map { _ in Float(random.normal()) },
      elapsed: (0..<rowCount * stepCount).map { _ in Float(1 + random.below(9)) },
      statics: (0..<rowCount * staticCount).map { _ in Float(random.normal()) },
      rowCount: rowCount, stepCount: stepCount, inputCount: inputCount, staticCount: staticCount)
    let labels = (0..<rowCount).map { row in
      objective == .binary ? Float(row % 3 == 0 ? 1 : 0) : Float(5 + 2 * random.normal())
    }
    return (batch, labels)
  }

  /// Positive where the first channel has a peak in the second half of the stay and not in the first: an aggregate over
  /// the whole stay cannot tell.
  static func planted(rowCount: Int, seed: UInt64) -> (batch: SequenceBatch, labels: [Float]) {
    let (stepCount, inputCount) = (12, 3)
    var (batch, labels) = noise(
      rowCount: rowCount, stepCount: stepCount, inputCount: inputCount, staticCount: 1, objective: .binary, seed: seed)
    var random = CounterGenerator(key: derivedSeed(seed, .synthesis, 1))
    for row in 0..<rowCount {
      let isLate = random.below(2) == 1
      let step = random.below(stepCount / 2) + (isLate ? stepCount / 2 : 0)
      batch.inputs[(row * stepCount + step) * inputCount] += 4
      labels[row] = (random.uniform() < 0.05) != isLate ? 1 : 0
    }
    return (batch, labels)
  }
}

/// Area under the ROC curve by the Mann–Whitney statistic, counted pair by pair.
func areaUnderCurve(_ predictions: [Float], _ labels: [Float]) -> Double {
  var (wins, pairs) = (0.0, 0.0)
  for (p, isPositive) in zip(predictions, labels) where isPositive == 1 {
    for (q, other) in zip(predictions, labels) where other == 0 {
      wins += p > q ? 1 : p == q ? 0.5 : 0
      pairs += 1
    }
  }
  return wins / pairs
}
