// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Reporting
import Shards
import Sockets
import Training

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look for what would stop a worker here, with a fix beside each finding.",
    discussion: """
      Example: muster-worker doctor --data shards --coordinator tcp://10.1.0.5:5555
      Exit code 5 when something is wrong. muster doctor looks at these too.
      """)

  @Option(name: .customLong("data"), help: ArgumentHelp("A data set's folder, or a folder of such.", valueName: "dir"))
  var dataDirectories: [String] = []

  @Option(help: ArgumentHelp("Where predictions and models are kept.", valueName: "dir"))
  var artifacts: String?

  @Option(help: ArgumentHelp("Does it answer from here?", valueName: "endpoint"))
  var coordinator: String?

  @Flag(help: "One JSON object instead of lines.")
  var json = false

  func run() throws {
    var diagnosis = Diagnosis()
    diagnosis.add(Finding("Programs", "muster-worker", .good, codeVersion))
    diagnosis.add(Finding("Programs", "HDF5", .good, hdf5Version()))
    diagnosis.add(Finding("Programs", "OpenBLAS", .good, blasVersion()))
    let isSupported = machineIsSupported()
    diagnosis.add(
      Finding(
        "Machine", "CPU", isSupported ? .good : .wrong, machineType(),
        fix: isSupported ? nil : "the kernels need AVX2, FMA and BMI2 (x86-64-v3): a machine from 2015 or later"))
    for directory in dataDirectories {
      let count = DatasetCatalog(directories: [directory]).digests.count
      diagnosis.add(
        Finding(
          "Data", directory, count > 0 ? .good : .wrong, "\(count) data sets",
          fix: count > 0 ? nil : "muster data prepare --mimic DIR --out \(directory)"))
    }
    if let artifacts { diagnosis.add(MachineFindings.disk("artifacts", folder: artifacts)) }
    if let coordinator { diagnosis.add(reach(coordinator)) }
    let console = Console()
    if json { console.print(diagnosis.json.description) } else { diagnosis.lines(console).forEach(console.print) }
    if !diagnosis.isSound { throw CommandFailure.silent(.checkNotPassed) }
  }

  private func reach(_ coordinator: String) -> Finding {
    do {
      let greeting = try Greeting.ask(try Endpoint(coordinator))
      return Finding(
        "Network", coordinator, .good, "answers in \(greeting.roundTripMilliseconds) ms, \(greeting.mechanism)")
    } catch {
      return Finding(
        "Network", coordinator, .wrong, error.detail,
        fix: "is a coordinator there, and does a firewall let the port through?")
    }
  }
}
