// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Sweeps

/// How checkpoints get to and from workers that do not share the folder.
package struct CheckpointExchange: Sendable {
  /// (attempt, question, path): brings the one known elsewhere to the path; false where there is none, or it takes too long.
  let fetch: @Sendable (TaskAttempt, ContentDigest, String) -> Bool
  /// (attempt, question, path, isLast): a new one lies there.
  let offer: @Sendable (TaskAttempt, ContentDigest, String, Bool) -> Void

  package init(
    fetch: @escaping @Sendable (TaskAttempt, ContentDigest, String) -> Bool,
    offer: @escaping @Sendable (TaskAttempt, ContentDigest, String, Bool) -> Void
  ) {
    self.fetch = fetch
    self.offer = offer
  }
}

/// Checkpoints of running tasks, one file a task, beside the artifacts: `checkpoints/<digest of the question>`.
///
/// A checkpoint is an opinion on how to save time, never a fact that anything rests on: a missing, torn or foreign one means
/// that training starts over, to the same bits. So nobody is told of it, and nothing has to be recorded before it is
/// used: the next worker that is handed the task looks for it. Two copies of one task (a link was cut) may both write it:
/// each write is whole, and both are right.
package struct CheckpointStore: Sendable {
  let directory: String
  let codeVersion: String
  let machineType: String
  let exchange: CheckpointExchange?

  package init(
    directory: String, codeVersion: String, machineType: String, exchange: CheckpointExchange? = nil
  ) throws(TrainingError) {
    self.directory = directory
    self.codeVersion = codeVersion
    self.machineType = machineType
    self.exchange = exchange
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw .failed(.resources, "checkpoint folder \(directory) cannot be made: \(error)")
    }
    removeOld()
  }

  /// Checkpoints of trials that were pruned or given up, and drafts of processes that were killed, have no one to remove them.
  static let ageSecondsMax: Double = 7 * 86_400

  private func removeOld() {
    let limit = Date(timeIntervalSinceNow: -Self.ageSecondsMax)
    // A folder that cannot be listed keeps its files: they cost room, not results.
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    for file in files.map({ "\(directory)/\($0)" }) {
      let attributes = try? FileManager.default.attributesOfItem(atPath: file)
      guard let changed = attributes?[.modificationDate] as? Date, changed < limit else { continue }
      unlink(file)
    }
  }

  func path(_ assignment: Assignment) -> String { "\(directory)/\(key(assignment).digest.hex)" }

  /// The last checkpoint of the task by any worker of this machine type and version, or `nil`.
  func read(_ assignment: Assignment) -> Checkpoint? {
    let (key, path) = (key(assignment), path(assignment))
    let here = Self.read(path, key)
    guard let exchange else { return here }
    let fetched = "\(path).\(getpid()).fetched"
    defer { unlink(fetched) }
    guard exchange.fetch(assignment.taskAttempt, key.digest, fetched) else { return here }
    // The one that has come further, wherever it was made.
    return [here, Self.read(fetched, key)].compactMap { $0 }.max { $0.step < $1.step }
  }

  private static func read(_ path: String, _ key: CheckpointKey) -> Checkpoint? {
    FileManager.default.contents(atPath: path).flatMap { CheckpointFile.decode(Array($0), for: key) }
  }

  /// Replaces the task's checkpoint: whole, or not at all. False where the disk does not take it: training goes on, for
  /// it needs no checkpoint.
  ///
  /// - Parameter isLast: training ends here; whoever goes on may be elsewhere, so this returns when it can be had there.
  @discardableResult
  func write(_ checkpoint: Checkpoint, for assignment: Assignment, isLast: Bool = false) -> Bool {
    let path = path(assignment)
    let temporary = "\(path).\(getpid())"
    let bytes = CheckpointFile.encode(checkpoint, for: key(assignment))
    guard FileManager.default.createFile(atPath: temporary, contents: Data(bytes)) else {
      unlink(temporary)
      return false
    }
    // No fsync: after a power cut a torn checkpoint is told from a whole one by its seal, and a lost one costs time only.
    guard rename(temporary, path) == 0 else {
      unlink(temporary)
      return false
    }
    exchange?.offer(assignment.taskAttempt, key(assignment).digest, path, isLast)
    return true
  }

  /// The task has its result, or cannot have one: its checkpoint is of no more use.
  func remove(_ assignment: Assignment) { unlink(path(assignment)) }

  private func key(_ assignment: Assignment) -> CheckpointKey {
    CheckpointKey(assignment, codeVersion: codeVersion, machineType: machineType)
  }
}
