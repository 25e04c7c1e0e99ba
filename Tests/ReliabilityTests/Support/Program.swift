// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A process of ours under test; what it says goes to a file.
final class Program: @unchecked Sendable {
  // `@unchecked`: the process is started in `init` and only asked and signalled afterwards, which Foundation allows from
  // any thread.
  private let process = Process()
  let log: String

  /// - Parameter log: appended to.
  init(_ path: String, _ arguments: [String], log: String, environment: [String: String] = [:]) throws {
    self.log = log
    if !FileManager.default.fileExists(atPath: log) { try Data().write(to: URL(fileURLWithPath: log)) }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    try handle.seekToEnd()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
  }

  var processID: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }
  var said: String { String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self) }

  func signal(_ number: Int32) { if process.isRunning { kill(processID, number) } }

  /// Ends it with -9 and waits for that.
  func killNow() {
    signal(SIGKILL)
    process.waitUntilExit()
  }

  /// How it ended: the exit status, or minus the signal. `nil` if it still runs after the time.
  func end(within seconds: Double) -> Int32? {
    guard wait(seconds, until: { !process.isRunning }) else { return nil }
    return process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
  }
}

/// Polls until `condition`; bounded, so that a hang fails instead of blocking. The bound is no assertion about speed.
@discardableResult
func wait(_ seconds: Double, until condition: () -> Bool) -> Bool {
  let start = ProcessInfo.processInfo.systemUptime
  while ProcessInfo.processInfo.systemUptime - start < seconds {
    if condition() { return true }
    Thread.sleep(forTimeInterval: 0.02)
  }
  return condition()
}

/// Runs a tool of the system to its end and gives what it said, if it succeeded.
@discardableResult
func tool(_ words: String...) throws -> String { try tool(words) }

@discardableResult
func tool(_ words: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = words
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  process.standardInput = FileHandle.nullDevice
  try process.run()
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw ToolFailure(words: words, said: text) }
  return text
}

struct ToolFailure: Error, CustomStringConvertible {
  let words: [String]
  let said: String
  var description: String { "\(words.joined(separator: " ")): \(said)" }
}
