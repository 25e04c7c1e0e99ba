// SPDX-License-Identifier: Apache-2.0

/// How a command ends, as `docs/CommandLine.md` lists it; the numbers from 64 are those of sysexits(3).
package enum ExitStatus: Int32, CaseIterable, Sendable {
  case success = 0
  case failed = 1
  /// The sweep finished, but some trials have no score.
  case someTrialsFailed = 3
  case nothingFound = 4
  /// Something that was looked at is wrong (doctor).
  case checkNotPassed = 5
  case usage = 64
  case badInput = 65
  case inputMissing = 66
  case coordinatorUnreachable = 69
  case internalError = 70
  case tryAgain = 75
  case notPermitted = 77
  /// By Ctrl-C; state is saved.
  case interrupted = 130
}

/// What a command tells its user when it cannot go on: what is wrong, and the next command.
package struct CommandFailure: Error, Sendable, CustomStringConvertible {
  package let status: ExitStatus
  package let message: String
  package let help: String?

  /// Ends the command with a status after it has said everything itself.
  package static func silent(_ status: ExitStatus) -> CommandFailure { CommandFailure(status, "") }

  package var isSilent: Bool { message.isEmpty }

  package init(_ status: ExitStatus, _ message: String, help: String? = nil) {
    self.status = status
    self.message = message
    self.help = help
  }

  /// `error: …` and `help: …`; a message that brings its own head (the sweep file's, with its caret) keeps it.
  package var description: String {
    let head = message.hasPrefix("error:") ? message : "error: " + message
    return help.map { head + "\nhelp: " + $0 } ?? head
  }
}
