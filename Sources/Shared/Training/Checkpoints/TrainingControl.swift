// SPDX-License-Identifier: Apache-2.0

/// What training should do after a step.
package enum TrainingControl: Hashable, Sendable {
  case goOn
  /// Write a checkpoint, then stop: someone else will go on from it.
  case pause
  /// Stop; no one waits for this task.
  case stop
}

/// When a checkpoint is written: not before this much time has gone into training since the last one, so that tasks of a few
/// seconds never write one and long ones spend little on it.
package struct CheckpointInterval: Hashable, Sendable {
  package let milliseconds: Int64

  package static let standard = CheckpointInterval(milliseconds: 10_000)

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }
}
