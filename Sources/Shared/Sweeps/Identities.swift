// SPDX-License-Identifier: Apache-2.0

/// A sweep's row in the tracker.
package struct SweepID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let value: Int64
  package init(_ value: Int64) { self.value = value }
  package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
  package var description: String { "\(value)" }
}

/// The unit of everything: one fold of one trial at one budget level.
///
/// `fold` is flat over repeated cross-validation: repeat × fold count + fold.
package struct TrialTask: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let sweep: SweepID
  package let trial: Int
  package let fold: Int
  package let rung: Int

  package init(sweep: SweepID, trial: Int, fold: Int, rung: Int) {
    self.sweep = sweep
    self.trial = trial
    self.fold = fold
    self.rung = rung
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.sweep.value, left.trial, left.fold, left.rung) < (right.sweep.value, right.trial, right.fold, right.rung)
  }

  /// `1#7/f2/r0`: sweep 1, trial 7, fold 2, rung 0.
  package var description: String { "\(sweep)#\(trial)/f\(fold)/r\(rung)" }
}

/// The fencing token of a lease. Never given twice: `epoch` is the start number of the coordinator, durable before it is
/// used, and `number` counts within it.
package struct Attempt: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let epoch: Int64
  package let number: Int64

  package init(epoch: Int64, number: Int64) {
    self.epoch = epoch
    self.number = number
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.epoch, left.number) < (right.epoch, right.number)
  }

  package var description: String { "\(epoch).\(number)" }
}

/// One try at one task: what a lease grants, a result answers and an acknowledgement names.
package struct TaskAttempt: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let task: TrialTask
  package let attempt: Attempt

  package init(task: TrialTask, attempt: Attempt) {
    self.task = task
    self.attempt = attempt
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.task, left.attempt) < (right.task, right.attempt)
  }

  package var description: String { "\(task)@\(attempt)" }
}

/// 128 random bits, new in every worker process: a message for the process before it can never be taken for this one's.
package struct Incarnation: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }

  /// 32 hexadecimal digits.
  package var description: String { hex(high) + hex(low) }

  private func hex(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// Milliseconds on one monotonic clock. Time is a value here: shells read clocks, cores are told.
package struct Tick: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let milliseconds: Int64
  package init(milliseconds: Int64) { self.milliseconds = milliseconds }
  package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
  package static func + (tick: Self, milliseconds: Int64) -> Self {
    Tick(milliseconds: tick.milliseconds + milliseconds)
  }
  package var description: String { "\(milliseconds) ms" }
}

/// A SHA-256 as 64 lower-case hexadecimal digits: the name of a data set, a shard or an artifact.
package struct ContentDigest: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let hex: String

  /// `nil` unless `hex` is 64 lower-case hexadecimal digits.
  package init?(hex: String) {
    let isDigest = hex.utf8.count == 64 && hex.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    guard isDigest else { return nil }
    self.hex = hex
  }

  /// - Parameter bytes: the 32 bytes of a SHA-256.
  package init(bytes: some Sequence<UInt8>) {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    precondition(text.count == 64, "a SHA-256 has 32 bytes, got \(text.count / 2)")
    hex = String(decoding: text, as: UTF8.self)
  }

  package static func < (left: Self, right: Self) -> Bool { left.hex < right.hex }
  package var description: String { hex }
}
