// SPDX-License-Identifier: Apache-2.0

/// Stops a trial whose mean so far is below `low`, above `high`, or no number.
package struct ThresholdPruner: Pruner {
  package let low: Double?
  package let high: Double?

  package init(low: Double? = nil, high: Double? = nil) {
    self.low = low
    self.high = high
  }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    let own = view.trials[index]
    guard let place = own.checkpoint else { return .keep }
    guard let value = own.value(at: place) else { return .stop("no value at fold \(place.fold)") }
    if let low, value < low { return .stop("below \(shortest(low)) after fold \(place.fold)") }
    if let high, value > high { return .stop("above \(shortest(high)) after fold \(place.fold)") }
    return .keep
  }
}
