// SPDX-License-Identifier: Apache-2.0

extension Direction {
  /// Whether `left` stands above `right`: the better objective, and the lower number among equals. A trial without an
  /// objective stands below all that have one, whichever way is better: nothing is known of it.
  package func ranks(_ left: CompletedTrial, above right: CompletedTrial) -> Bool {
    switch (left.objective, right.objective) {
    case (let first?, let second?) where first != second: self == .maximize ? first > second : first < second
    case (_?, nil): true
    case (nil, _?): false
    default: left.number < right.number
    }
  }

  /// Best first. An objective must be `nil` and never NaN where it is undefined; `TrialScore` sees to that.
  package func ranked(_ trials: [CompletedTrial]) -> [CompletedTrial] { trials.sorted { ranks($0, above: $1) } }
}
