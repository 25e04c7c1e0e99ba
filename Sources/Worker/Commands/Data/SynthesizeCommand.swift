// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting
import Synthesis

extension SynthesisDensity: ExpressibleByArgument {}

struct SynthesizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesize",
    abstract: "Write MIMIC-III-shaped tables of invented patients.",
    discussion: "Example: muster data synthesize --patients 2000 --seed 7 --out tables")

  @Option(help: ArgumentHelp("How many patients.", valueName: "n"))
  var patients: Int

  @Option(help: ArgumentHelp("Equal seeds give equal bytes.", valueName: "n"))
  var seed: UInt64 = 7

  @Option(help: ArgumentHelp("The folder for the tables; made if missing.", valueName: "dir"))
  var out: String

  @Option(
    help: ArgumentHelp("light: about 400 charted rows a patient; full: as many as MIMIC-III, 7,000.", valueName: "name")
  )
  var density = SynthesisDensity.light

  @Flag(help: "Write .csv, not .csv.gz.")
  var plain = false

  func validate() throws {
    guard patients >= 1 else { throw ValidationError("--patients: expected 1 or more") }
  }

  func run() throws {
    let console = Console()
    do {
      let summary = try synthesizeMIMIC(
        SynthesisOptions(patientCount: patients, seed: seed, directory: out, isCompressed: !plain, density: density),
        report: { console.note($0) })
      let rows = summary.rowCounts.reduce(0) { $0 + $1.count }
      console.note(
        "\(out): \(patients) invented patients, \(rows) rows in \(summary.rowCounts.count) tables, "
          + "\(summary.byteCount >> 20) MiB unpacked")
    } catch {
      throw CommandFailure(.failed, "\(error)")
    }
  }
}
