// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Worker processes on this machine, one a slot, started again when they die.
///
/// Each child gets the read end of a pipe as its standard input and ends when that closes: so a coordinator that is killed
/// with -9 leaves no worker behind. (PDEATHSIG would do so too, but it follows the *thread* that forked.)
///
/// Not Sendable: used on the coordinator's loop thread. Exits are reported through `onExit`, on any thread.
package final class LocalWorkers {
  /// How a slot's process ended.
  package struct Exit: Sendable, Hashable {
    package let slot: Int
    package let processID: Int32
    /// Exit status, or the signal's number.
    package let status: Int32
    package let isSignal: Bool

    package var description: String { isSignal ? "signal \(status)" : "exit status \(status)" }
  }

  private let executable: URL
  private let arguments: @Sendable (Int) -> [String]
  private let logDirectory: URL
  private let onExit: @Sendable (Exit) -> Void
  private let settledSeconds: Double
  private var children: [Int: (process: Process, lifeline: FileHandle, startedAt: Double)] = [:]
  private var startCounts: [Int: Int] = [:]
  /// Slots whose process ended and will not be started again.
  private var emptySlots: Set<Int> = []

  /// Whether no slot has a process, nor will have one.
  package var isSpent: Bool { emptySlots.count == startCounts.count }

  /// A slot that died this often, each time soon after its start, is left empty: what kills it would only go on.
  package static let startCountMax = 20

  /// - Parameters:
  ///   - arguments: of the process in the given slot.
  ///   - logDirectory: made if missing; slot n writes to `worker-n.log`, appended over restarts.
  ///   - settledSeconds: a process that lived as long clears its slot's record. A sweep of days may lose many workers.
  package init(
    executable: String, logDirectory: String, arguments: @escaping @Sendable (Int) -> [String],
    settledSeconds: Double = 60, onExit: @escaping @Sendable (Exit) -> Void
  ) throws(LaunchError) {
    self.executable = URL(fileURLWithPath: executable)
    self.logDirectory = URL(fileURLWithPath: logDirectory, isDirectory: true)
    self.arguments = arguments
    self.settledSeconds = settledSeconds
    self.onExit = onExit
    guard FileManager.default.isExecutableFile(atPath: executable) else {
      throw LaunchError(what: executable, detail: "expected the worker's executable here; build it or name its folder")
    }
    do {
      try FileManager.default.createDirectory(at: self.logDirectory, withIntermediateDirectories: true)
    } catch {
      throw LaunchError(what: logDirectory, detail: "could not make the folder for the workers' logs: \(error)")
    }
  }

  /// Starts the process of `slot`. Returns its id, or `nil` when the slot has used up its starts.
  package func start(slot: Int) throws(LaunchError) -> Int32? {
    emptySlots.insert(slot)
    let now = ProcessInfo.processInfo.systemUptime
    if let last = children[slot], now - last.startedAt >= settledSeconds { startCounts[slot] = 0 }
    let startCount = startCounts[slot, default: 0]
    guard startCount < Self.startCountMax else { return nil }
    startCounts[slot] = startCount + 1
    let lifeline = Pipe()
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments(slot)
    var environment = ProcessInfo.processInfo.environment
    // Read when the library loads: one process is one core's work.
    environment["OPENBLAS_NUM_THREADS"] = "1"
    process.environment = environment
    process.standardInput = lifeline.fileHandleForReading
    let log = try openLog(slot: slot)
    process.standardOutput = log
    process.standardError = log
    let report = onExit
    process.terminationHandler = { ended in
      report(
        Exit(
          slot: slot, processID: ended.processIdentifier, status: ended.terminationStatus,
          isSignal: ended.terminationReason == .uncaughtSignal))
    }
    do {
      try process.run()
    } catch {
      throw LaunchError(what: executable.path, detail: "could not be started: \(error)")
    }
    children[slot] = (process, lifeline.fileHandleForWriting, now)
    emptySlots.remove(slot)
    return process.processIdentifier
  }

  /// Ends every child by closing its lifeline, waits a moment, then kills what is left.
  package func stopAll(graceMilliseconds: Int) {
    for (_, child) in children { try? child.lifeline.close() }
    var waited = 0
    while waited < graceMilliseconds, children.values.contains(where: { $0.process.isRunning }) {
      Thread.sleep(forTimeInterval: 0.01)
      waited += 10
    }
    for (_, child) in children where child.process.isRunning { kill(child.process.processIdentifier, SIGKILL) }
    children = [:]
  }

  private func openLog(slot: Int) throws(LaunchError) -> FileHandle {
    let path = logDirectory.appendingPathComponent("worker-\(slot).log").path
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      throw LaunchError(what: path, detail: "could not be opened for writing: \(String(cString: strerror(errno)))")
    }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }
}
