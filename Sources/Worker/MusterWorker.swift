// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting

@main
struct MusterWorker: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "muster-worker",
    abstract: "Trains folds for a Muster coordinator, and prepares the data they train on.",
    discussion: """
      Examples:
        muster-worker start --coordinator tcp://127.0.0.1:5555 --data runs/demo/datasets
        muster-worker data prepare --mimic /data/mimic-iii --out data/shards
      """,
    version: codeVersion,
    subcommands: [StartCommand.self, DataCommand.self, ModelCommand.self, DoctorCommand.self])

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
