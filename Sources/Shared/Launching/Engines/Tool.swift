// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program of the system that is run to its end: sbatch, squeue, ssh, kubectl.
struct Tool {
  let name: String
  /// What to do where it is missing.
  let help: String

  struct Answer {
    let status: Int32
    let output: String
    let error: String

    /// The first line of what went wrong.
    var problem: String {
      let line = error.split(separator: "\n").first ?? output.split(separator: "\n").first ?? "it said nothing"
      return "exit status \(status): \(line)"
    }
  }

  /// - Parameter secondsMax: then it is ended, and that is an error: a scheduler that hangs must not hang us.
  /// - Throws: `.missing`, and `.failed` for one that was ended or could not be started; its status is for the caller to judge.
  func run(_ words: [String], input: String = "", secondsMax: Double = 60) throws(LaunchError) -> Answer {
    guard let path = Self.find(name) else {
      throw LaunchError(.missing, what: name, detail: "expected that program on PATH; \(help)")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = words
    let (output, error, given) = (Pipe(), Pipe(), Pipe())
    (process.standardOutput, process.standardError, process.standardInput) = (output, error, given)
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    let texts = [Collected(output), Collected(error)]
    do {
      try process.run()
      try given.fileHandleForWriting.write(contentsOf: Data(input.utf8))
      try given.fileHandleForWriting.close()
    } catch {
      throw LaunchError(.failed, what: path, detail: "could not be run: \(error)")
    }
    if ended.wait(timeout: .now() + secondsMax) == .timedOut {
      kill(process.processIdentifier, SIGKILL)
      throw LaunchError(.failed, what: name, detail: "no answer within \(Int(secondsMax)) s; it was ended")
    }
    return Answer(status: process.terminationStatus, output: texts[0].text(), error: texts[1].text())
  }

  /// As `run`, where any status but 0 is an error.
  func require(_ words: [String], input: String = "") throws(LaunchError) -> String {
    let answer = try run(words, input: input)
    guard answer.status == 0 else { throw LaunchError(.failed, what: name, detail: answer.problem) }
    return answer.output
  }

  static func find(_ name: String) -> String? {
    if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}

/// Reads a pipe to its end on a thread of its own: a program that says much on one pipe must not wait for us to read the other.
private final class Collected: @unchecked Sendable {
  // `@unchecked`: `data` is written by the thread before it signals, and read after that.
  private var data = Data()
  private let done = DispatchSemaphore(value: 0)

  init(_ pipe: Pipe) {
    let handle = pipe.fileHandleForReading
    Thread { [self] in
      data = handle.readDataToEndOfFile()
      done.signal()
    }.start()
  }

  /// What a child of the program may hold open longer than the program lives is not waited for.
  func text() -> String {
    guard done.wait(timeout: .now() + 5) == .success else { return "" }
    return String(decoding: data, as: UTF8.self)
  }
}
