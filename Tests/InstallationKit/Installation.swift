// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import Tracking

/// The two executables as built beside the tests, and one small prepared data set that all tests here share.
package final class Installation: Sendable {
  package static let shared = Result { try Installation() }

  package let folder: String
  package let executables: String

  package var tables: String { folder + "/tables" }
  package var dataset: String { folder + "/datasets/readmission_30d" }

  private init() throws {
    folder = NSTemporaryDirectory() + "muster-end-to-end-" + UUID().uuidString
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    // The test bundle lies beside the executables; a helper of the toolchain may be what runs it.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
    let beside = URL(fileURLWithPath: bundle).deletingLastPathComponent().path
    // Another build under the same tests: an installed one, or one with a fault planted.
    executables = ProcessInfo.processInfo.environment["MUSTER_EXECUTABLES"] ?? beside
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let made = try run(["data", "synthesize", "--patients", "300", "--seed", "3", "--out", tables])
    let prepared = try run(
      ["data", "prepare", "--mimic", tables, "--out", folder + "/datasets", "--outcome", "readmission_30d"])
    guard made.status == 0, prepared.status == 0 else { throw Unprepared(text: made.error + prepared.error) }
  }

  struct Unprepared: Error { let text: String }

  package struct Output: Sendable {
    package let status: Int32
    package let output: String
    package let error: String
  }

  /// Runs `muster` to its end.
  package func run(_ arguments: [String]) throws -> Output {
    let (process, output, error) = try start(arguments)
    // Standard error is small in these tests; standard output is read first, then the rest.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let problems = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Output(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      error: String(decoding: problems, as: UTF8.self))
  }

  package func start(_ arguments: [String]) throws -> (Process, output: Pipe, error: Pipe) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executables + "/muster")
    process.arguments = arguments
    let (output, error) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return (process, output, error)
  }

  /// A sweep file in a run folder of its own: linear and booster trials over three folds.
  ///
  /// - Parameter trees: more make a fold last longer; early stopping is off.
  package func plan(_ name: String, trees: Int = 30) throws -> Plan {
    try plan(name) { run in
      """
      apiVersion: sweep/v1
      kind: Sweep
      name: \(name)
      task: readmission_30d
      data: {dataset: \(dataset)}
      cv: {scheme: stratified-grouped, group_by: patient, folds: 3, seed: 5}
      objective: {metric: valid/auroc}
      space:
        params:
          model: {choice: [linear, booster]}
        branches:
          - if: {model: linear}
            params:
              l2: {choice: [0.1, 1.0]}
          - if: {model: booster}
            params:
              trees: {value: \(trees)}
              patience: {value: 0}
              leaves: {choice: [7, 15]}
              learning_rate: {choice: [0.05, 0.1]}
      sampler: {kind: grid}
      execution: {retries: 2, heartbeat: 200ms, lease: 2s}
      track: {db: \(run)/tracker.db, artifacts: \(run)/artifacts}

      """
    }
  }

  /// A sweep file of one's own.
  ///
  /// - Parameters:
  ///   - run: the folder for its tracker and artifacts; one named after the sweep, if none is given.
  ///   - text: of the file, given that folder.
  package func plan(_ name: String, in run: String? = nil, _ text: (String) -> String) throws -> Plan {
    let run = folder + "/" + (run ?? name)
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
    let (file, content) = (run + "/\(name).yaml", text(run))
    try Data(content.utf8).write(to: URL(fileURLWithPath: file))
    return Plan(name: name, file: file, tracker: run + "/tracker.db", text: content)
  }

  package struct Plan: Sendable {
    package let name: String
    package let file: String
    package let tracker: String
    package let text: String

    package init(name: String, file: String, tracker: String, text: String) {
      self.name = name
      self.file = file
      self.tracker = tracker
      self.text = text
    }

    package var runArguments: [String] { ["sweep", "run", file, "--workers", "2"] }

    /// Everything deterministic of the finished sweep.
    package func results() throws -> [String] {
      let reader = try TrackerReader(path: tracker)
      return try reader.resultLines(of: reader.sweep(named: name)).map { line in line }
    }

    package func query(_ sql: String) throws -> [[SQLTable.Value]] { try TrackerReader(path: tracker).sql(sql).rows }
  }
}
