// SPDX-License-Identifier: Apache-2.0

/// What a value may be. Outside `possible` it is an error of recording and dropped; between `possible` and `valid` it is
/// moved to the nearer end of `valid`.
///
/// - Source: Harutyunyan et al. 2019, "Multitask learning and benchmarking with clinical time series data", the
///   benchmark's variable_ranges.csv (columns OUTLIER LOW/HIGH and VALID LOW/HIGH).
struct PlausibleRange: Hashable, Sendable {
  let possible: ClosedRange<Double>
  let valid: ClosedRange<Double>

  init(_ low: Double, _ validLow: Double, _ validHigh: Double, _ high: Double) {
    possible = low...high
    valid = validLow...validHigh
  }

  /// nil where the value is dropped.
  @inline(__always)
  func admit(_ value: Double, _ tally: inout ValueTally) -> Float? {
    guard possible.contains(value) else {
      tally.dropped += 1
      return nil
    }
    tally.kept += 1
    if valid.contains(value) { return Float(value) }
    tally.clamped += 1
    return Float(min(max(value, valid.lowerBound), valid.upperBound))
  }
}

/// What became of the values of one channel or test.
package struct ValueTally: Codable, Hashable, Sendable {
  package var kept = 0
  /// Of `kept`: moved to the end of the valid range.
  package var clamped = 0
  /// Outside the possible range.
  package var dropped = 0

  package init(kept: Int = 0, clamped: Int = 0, dropped: Int = 0) {
    self.kept = kept
    self.clamped = clamped
    self.dropped = dropped
  }

  mutating func add(_ other: ValueTally) {
    kept += other.kept
    clamped += other.clamped
    dropped += other.dropped
  }
}
