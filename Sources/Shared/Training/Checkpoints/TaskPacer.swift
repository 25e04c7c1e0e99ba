// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// Leads one training from step to step: takes up the task's checkpoint, leaves new ones, and asks after each step whether to
/// go on. What it does changes how long a task takes and never what it gives.
struct TaskPacer {
  private let assignment: Assignment
  private let store: CheckpointStore
  private let interval: CheckpointInterval
  private let clock: @Sendable () -> Int64
  private let control: (Int, Int) -> TrainingControl
  private var savedAt: Int64
  /// The step that training was taken up at; 0 for one from the start.
  private(set) var resumedStep = 0

  /// - Parameters:
  ///   - clock: monotonic milliseconds.
  ///   - control: told (steps done, steps at most).
  init(
    _ assignment: Assignment, store: CheckpointStore, interval: CheckpointInterval,
    clock: @escaping @Sendable () -> Int64, control: @escaping (Int, Int) -> TrainingControl
  ) {
    self.assignment = assignment
    self.store = store
    self.interval = interval
    self.clock = clock
    self.control = control
    savedAt = clock()
  }

  /// Hands the last checkpoint's state to `resume`, which throws where its learner cannot use it: training then starts over.
  mutating func takeUp(_ resume: ([UInt8]) throws -> Void) {
    guard let checkpoint = store.read(assignment) else { return }
    do {
      try resume(checkpoint.state)
      resumedStep = checkpoint.step
    } catch {
      // Sealed for this very question and yet refused: an older layout of the learner's. Of no use to anyone.
      store.remove(assignment)
    }
  }

  /// After a step. Writes a checkpoint when it is time to, or when training is to pause.
  ///
  /// - Throws: `.cancelled` when training is to end here, with a checkpoint (`pause`) or without (`stop`).
  mutating func afterStep(_ step: Int, of stepCount: Int, checkpoint: () -> [UInt8]) throws(TrainingError) {
    switch control(step, stepCount) {
    case .goOn:
      guard clock() - savedAt >= interval.milliseconds else { return }
      store.write(Checkpoint(step: step, state: checkpoint()), for: assignment)
      savedAt = clock()
    case .pause:
      store.write(Checkpoint(step: step, state: checkpoint()), for: assignment, isLast: true)
      throw .cancelled
    case .stop: throw .cancelled
    }
  }

  /// Between steps, where no checkpoint can be made: whether to go on.
  func mayGoOn(_ step: Int, of stepCount: Int) -> Bool { control(step, stepCount) != .stop }

  /// The task has its result: nobody will take it up again.
  func finish() { store.remove(assignment) }
}
