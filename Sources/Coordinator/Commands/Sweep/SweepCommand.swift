// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Search
import SweepPlans

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Check, plan, run and steer sweeps.",
    subcommands: [
      SweepCheckCommand.self, SweepPlanCommand.self, SweepRunCommand.self, SweepEnqueueCommand.self,
      SweepStopCommand.self, SweepRetryCommand.self, SweepRefitCommand.self, SweepRepeatCommand.self,
      SweepNestedCommand.self,
    ])
}

/// The sweep file and what is set over it.
struct SweepFileOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The sweep file (YAML).", valueName: "file"))
  var file: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Overrides a key of the file, as cv.folds=10. May be given again.", valueName: "key=value"))
  var overrides: [String] = []

  /// The plan and its data set, both checked.
  func read() throws -> (SweepPlan, DatasetSummary) {
    try asCommand {
      let plan = try readSweepPlan(path: file, overrides: overrides)
      return (plan, try plan.readDataset())
    }
  }
}
