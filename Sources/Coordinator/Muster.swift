// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting

@main
struct Muster: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "muster",
    abstract: "Hyperparameter sweeps with cross-validation, fold by fold, on many workers.",
    discussion: """
      Examples:
        muster sweep run configs/sweeps/demo.yaml --workers 2
        muster tracker best demo --tracker runs/demo/tracker.db
      """,
    version: codeVersion,
    subcommands: [
      DataCommand.self, SweepCommand.self, TrackerCommand.self, DashboardCommand.self, KeysCommand.self,
      DoctorCommand.self, CompletionsCommand.self, WorkersCommand.self, ModelCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as CommandFailure {
      if !failure.isSilent {
        Console(logFormat: .given(in: CommandLine.arguments)).log(.error, failure.description)
      }
      exit(withError: ExitCode(failure.status.rawValue))
    } catch {
      exit(withError: error)
    }
  }
}
