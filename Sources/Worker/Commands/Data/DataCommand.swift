// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `muster data …` runs this one: the coordinator never reads a patient's row.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Make, fetch, prepare and check data sets.",
    subcommands: [
      SynthesizeCommand.self, FetchCommand.self, ImportCommand.self, PrepareCommand.self, ExportCommand.self,
      InspectCommand.self,
      VerifyCommand.self,
      DescribeCommand.self, AuditCommand.self,
    ])
}
