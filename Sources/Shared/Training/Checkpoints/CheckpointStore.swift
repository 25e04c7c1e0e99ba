// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps

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

  package init(directory: String, codeVersion: String, machineType: String) throws(TrainingError) {
    self.directory = directory
    self.codeVersion = codeVersion
    self.machineType = machineType
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
    guard let data = FileManager.default.contents(atPath: path(assignment)) else { return nil }
    return CheckpointFile.decode(Array(data), for: key(assignment))
  }

  /// Replaces the task's checkpoint: whole, or not at all. False where the disk does not take it: training goes on, for
  /// it needs no checkpoint.
  @discardableResult
  func write(_ checkpoint: Checkpoint, for assignment: Assignment) -> Bool {
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
    return true
  }

  /// The task has its result, or cannot have one: its checkpoint is of no more use.
  func remove(_ assignment: Assignment) { unlink(path(assignment)) }

  private func key(_ assignment: Assignment) -> CheckpointKey {
    CheckpointKey(assignment, codeVersion: codeVersion, machineType: machineType)
  }
}
