// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Reporting
import Sockets
import Tracking

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look for what would stop a sweep here, with a fix beside each finding.",
    discussion: """
      Without options: versions, libraries, CPU, clock, the port of the dashboard. Each option adds what it names. Changes nothing.
      Exit code 5 when something is wrong.

      Examples:
        muster doctor
        muster doctor --sweep configs/sweeps/demo.yaml --keys keys
        muster doctor --coordinator tcp://10.1.0.5:5555 --json
      """)

  @Option(help: ArgumentHelp("The tracker's file. Default: $MUSTER_TRACKER.", valueName: "file"))
  var tracker: String?

  @Option(help: ArgumentHelp("A sweep file: its tracker, data set and folders are looked at.", valueName: "file"))
  var sweep: String?

  @Option(help: ArgumentHelp("The folder with coordinator.key and the allow-list.", valueName: "dir"))
  var keys: String?

  @Option(help: ArgumentHelp("Where a sweep is to listen: is the port free?", valueName: "endpoint"))
  var bind: String?

  @Option(
    help: ArgumentHelp("A running coordinator: does it answer from here, and encrypted?", valueName: "endpoint"))
  var coordinator: String?

  @Option(help: ArgumentHelp("Workers that are to join.", valueName: "n"))
  var workers = 8

  @Flag(help: "One JSON object instead of lines.")
  var json = false

  @OptionGroup var options: ConsoleOptions

  func run() throws {
    var diagnosis = Diagnosis()
    diagnosis.add(ProgramChecks.findings())
    diagnosis.add(MachineFindings.descriptors(workerCount: workers))
    diagnosis.add(MachineFindings.clock(now: wallMilliseconds()))
    var trackerPath = tracker ?? ProcessInfo.processInfo.environment["MUSTER_TRACKER"]
    if let sweep {
      let (findings, path) = SweepChecks.findings(of: sweep)
      diagnosis.add(findings)
      trackerPath = tracker ?? path ?? trackerPath
    }
    if let trackerPath { diagnosis.add(TrackerChecks.findings(of: trackerPath)) }
    if let keys { diagnosis.add(KeyChecks.findings(of: keys, now: wallTime)) }
    diagnosis.add(NetworkChecks.ports(bind: bind))
    if let coordinator { diagnosis.add(NetworkChecks.reach(coordinator, withKeys: keys != nil)) }
    if json {
      options.console.print(diagnosis.json.description)
    } else {
      diagnosis.lines(options.console).forEach(options.console.print)
    }
    if !diagnosis.isSound { throw CommandFailure.silent(.checkNotPassed) }
  }
}
