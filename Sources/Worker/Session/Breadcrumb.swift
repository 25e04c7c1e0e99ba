// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps

/// The attempt a worker is about to run, on its local disk: what the next process on this spot finds there was running
/// when this one ended without a word. That is a confirmed crash; a lost connection is not.
struct Breadcrumb {
  private let url: URL

  /// - Parameter spot: the folder of the worker's slot; made if missing.
  init(spot: String) throws {
    let folder = URL(fileURLWithPath: spot, isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    url = folder.appendingPathComponent("attempt")
  }

  /// What an earlier process left; an unreadable crumb counts as none, for it names no attempt.
  func read() -> TaskAttempt? {
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int64($0) }
    guard numbers.count == 6, let trial = Int(exactly: numbers[1]), let fold = Int(exactly: numbers[2]),
      let rung = Int(exactly: numbers[3])
    else { return nil }
    return TaskAttempt(
      task: TrialTask(sweep: SweepID(numbers[0]), trial: trial, fold: fold, rung: rung),
      attempt: Attempt(epoch: numbers[4], number: numbers[5]))
  }

  func write(_ crumb: TaskAttempt) throws {
    let (task, attempt) = (crumb.task, crumb.attempt)
    let line = "\(task.sweep) \(task.trial) \(task.fold) \(task.rung) \(attempt.epoch) \(attempt.number)\n"
    try Data(line.utf8).write(to: url, options: .atomic)
  }

  func clear() throws {
    do {
      try FileManager.default.removeItem(at: url)
    } catch CocoaError.fileNoSuchFile {
      // Cleared already.
    }
  }
}
