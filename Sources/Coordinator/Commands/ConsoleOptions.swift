// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting

extension Console.ColorChoice: ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}

/// What every command of people's takes.
struct ConsoleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("auto, always or never.", valueName: "when"))
  var color: Console.ColorChoice = .auto

  @Flag(name: .shortAndLong, help: "Nothing on standard error but errors.")
  var quiet = false

  @Option(
    help: ArgumentHelp(
      "Of standard error: text, or json, an event a line. Default: $MUSTER_LOG_FORMAT, else text.", valueName: "format")
  )
  var logFormat: LogFormat?

  var console: Console { Console(color: color, logFormat: logFormat ?? .given(in: [])) }
}
