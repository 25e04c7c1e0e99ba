// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Reporting

/// Hands its arguments to the sibling executable: this one never reads a patient's row, and links nothing that could.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Make, fetch, prepare and check data sets (runs muster-worker).",
    helpNames: [])

  @Argument(parsing: .captureForPassthrough)
  var arguments: [String] = []

  func run() throws { try becomeWorker(["data"] + arguments) }
}

/// Goes on as the sibling executable, with these arguments; returns never, but to throw.
func becomeWorker(_ arguments: [String]) throws(CommandFailure) {
  let worker = try siblingWorker()
  var words: [UnsafeMutablePointer<CChar>?] = ([worker] + arguments).map { strdup($0) } + [nil]
  defer { for word in words { free(word) } }
  execv(worker, &words)
  throw CommandFailure(.failed, "\(worker) could not be run: \(String(cString: strerror(errno)))")
}

/// `muster-worker` beside this executable.
///
/// - Throws: `CommandFailure` where it is missing.
func siblingWorker() throws(CommandFailure) -> String {
  let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  let path = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("muster-worker").path
  guard FileManager.default.isExecutableFile(atPath: path) else {
    throw CommandFailure(
      .inputMissing, "\(path) is missing: muster and muster-worker belong in one folder", help: "make build")
  }
  return path
}
