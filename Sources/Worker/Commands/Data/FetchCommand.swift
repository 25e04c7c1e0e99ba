// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Downloads
import Reporting

struct FetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Download open data, checked by SHA-256; goes on where it was.",
    discussion: "Example: muster data fetch demo --out data/mimic-iii-demo")

  enum Source: String, CaseIterable, ExpressibleByArgument { case demo }

  @Argument(help: ArgumentHelp("demo: the open MIMIC-III demo of 100 patients, from PhysioNet.", valueName: "what"))
  var source: Source

  @Option(help: ArgumentHelp("The folder for the files; made if missing.", valueName: "dir"))
  var out: String

  @Option(name: .customLong("from"), help: ArgumentHelp("A mirror of PhysioNet's folder.", valueName: "url"))
  var base = physioNetDemoURL

  func run() throws {
    let console = Console()
    do {
      let count = try downloadDemo(from: base, to: out, report: { console.note($0) })
      console.note("\(out): \(count) files fetched, all checked")
    } catch {
      throw CommandFailure(.failed, error.description)
    }
  }
}
