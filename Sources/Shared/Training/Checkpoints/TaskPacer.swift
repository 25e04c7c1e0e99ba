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
  /// What ends the fold early.
  private(set) var watch: StepWatch

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
    watch = StepWatch(assignment.stepRule)
    savedAt = clock()
  }

  /// Hands the last checkpoint's state to `resume`, which throws where its learner cannot use it: training then starts over.
  mutating func takeUp(_ resume: ([UInt8]) throws -> Void) {
    guard let checkpoint = store.read(assignment) else { return }
    var watch = watch
    guard let state = watch.takeUp(checkpoint.state) else { return store.remove(assignment) }
    do {
      try resume(state)
      resumedStep = checkpoint.step
      self.watch = watch
    } catch {
      // Sealed for this very question and yet refused: an older layout of the learner's. Of no use to anyone.
      store.remove(assignment)
    }
  }

  /// After a step. Writes a checkpoint when it is time to, or when training is to pause.
  ///
  /// - Parameter measure: what the task's rule asks for, by the model so far.
  /// - Returns: false where the rule ends training here.
  /// - Throws: `.cancelled` when training is to end here, with a checkpoint (`pause`) or without (`stop`).
  mutating func afterStep(
    _ step: Int, of stepCount: Int, measure: (StepRule) -> Double?, checkpoint: () -> [UInt8]
  ) throws(TrainingError) -> Bool {
    if watch.note(step, measure) { return false }
    switch control(step, stepCount) {
    case .goOn:
      guard clock() - savedAt >= interval.milliseconds else { return true }
      store.write(Checkpoint(step: step, state: watch.encoded + checkpoint()), for: assignment)
      savedAt = clock()
      return true
    case .pause:
      store.write(Checkpoint(step: step, state: watch.encoded + checkpoint()), for: assignment, isLast: true)
      throw .cancelled
    case .stop: throw .cancelled
    }
  }

  /// Training has ended by itself.
  mutating func afterLastStep(_ step: Int, measure: (StepRule) -> Double?) { watch.finish(step, measure) }

  /// Between steps, where no checkpoint can be made: whether to go on.
  func mayGoOn(_ step: Int, of stepCount: Int) -> Bool { control(step, stepCount) != .stop }

  /// The task has its result: nobody will take it up again.
  func finish() { store.remove(assignment) }
}
