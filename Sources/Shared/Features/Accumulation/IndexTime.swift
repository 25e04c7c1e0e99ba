// SPDX-License-Identifier: Apache-2.0

import Cohorts

/// When a unit's prediction is made, and the only door to `Observed`: what was not recorded before it does not pass.
struct IndexTime: Hashable, Sendable {
  private let seconds: Int64

  init(_ unit: CohortUnit) { seconds = unit.indexTime }

  /// nil for what was recorded at the index time or later.
  @inline(__always)
  func observe<Value>(_ value: Value, at time: Int64) -> Observed<Value>? {
    time < seconds ? Observed(value: value, time: time, secondsBefore: seconds - time) : nil
  }

  /// Of a record of which only the day is known: nil unless that day is over by the index time.
  @inline(__always)
  func observe<Value>(_ value: Value, onDay midnight: Int64) -> Observed<Value>? {
    observe(value, at: midnight + CivilTime.secondsPerDay - 1)
  }

  /// From an earlier moment to the index time.
  func seconds(since time: Int64) -> Int64 { seconds - time }

  /// How much of a stretch of time lies before the index time.
  func seconds(from start: Int64, to end: Int64) -> Int64 { max(0, min(end, seconds) - start) }
}

/// What was recorded before a unit's index time. Only `IndexTime` makes one, so nothing later can be given to what takes one.
struct Observed<Value> {
  let value: Value
  let time: Int64
  /// At least 1.
  let secondsBefore: Int64

  fileprivate init(value: Value, time: Int64, secondsBefore: Int64) {
    self.value = value
    self.time = time
    self.secondsBefore = secondsBefore
  }
}

extension Observed: Sendable where Value: Sendable {}
