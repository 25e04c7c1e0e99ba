// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import RecurrentNets
import Shards
import Sweeps

/// What the further heads of a network are fitted to: the data set's further labels of the rows that are fitted, and of no other.
struct FurtherTargets {
  /// Without those whose labels here are all unknown, or all of one value: they teach nothing.
  let targets: [SequenceTarget]
  /// What each predicts.
  let outcomes: [Outcome]

  /// - Parameter rows: of `balanced` rows, some may come twice.
  /// - Throws: for a weight above 0 with a data set that has no further labels, and for outcomes that it has none of.
  init(_ options: LSTMOptions, _ dataset: Dataset, rows: [Int]) throws(ParameterError) {
    guard options.auxiliaryWeight > 0 else {
      (targets, outcomes) = ([], [])
      return
    }
    let known = dataset.manifest.further.map(\.outcome)
    let places = try options.furtherPlaces(among: known.map(\.rawValue))
    let fitted = places.compactMap { place -> (target: SequenceTarget, outcome: Outcome)? in
      let labels = rows.map { dataset.furtherLabel(place, row: $0) }
      guard let first = labels.first(where: { !$0.isNaN }), labels.contains(where: { !$0.isNaN && $0 != first }) else {
        return nil
      }
      let target = SequenceTarget(
        labels: labels, objective: known[place].objective, weight: options.auxiliaryWeight / Double(places.count),
        isWeighted: false)
      return (target, known[place])
    }
    (targets, outcomes) = (fitted.map(\.target), fitted.map(\.outcome))
  }
}
