// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting

extension Console.ColorChoice: ExpressibleByArgument {}

/// What every command of people's takes.
struct ConsoleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("auto, always or never.", valueName: "when"))
  var color: Console.ColorChoice = .auto

  @Flag(name: .shortAndLong, help: "Nothing on standard error but errors.")
  var quiet = false

  var console: Console { Console(color: color) }
}
