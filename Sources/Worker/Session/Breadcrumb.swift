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
    // The room for every later crumb is taken now.
    if !FileManager.default.fileExists(atPath: url.path) { try clear() }
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

  /// Written over in place, with one pwrite(2): that needs no room, so a full disk does not stop it, and it is whole or not
  /// there at all when the process is killed.
  func write(_ crumb: TaskAttempt) throws {
    let (task, attempt) = (crumb.task, crumb.attempt)
    try put("\(task.sweep) \(task.trial) \(task.fold) \(task.rung) \(attempt.epoch) \(attempt.number)")
  }

  func clear() throws { try put("") }

  /// Six numbers of at most 20 digits fit.
  private static let byteCount = 128

  private func put(_ text: String) throws {
    let descriptor = open(url.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
    defer { close(descriptor) }
    let line = Array((text + String(repeating: " ", count: Self.byteCount - text.utf8.count - 1) + "\n").utf8)
    guard pwrite(descriptor, line, line.count, 0) == line.count else {
      throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO)
    }
  }
}
