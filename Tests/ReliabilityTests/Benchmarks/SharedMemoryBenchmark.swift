// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing

/// One machine well used: resident memory of 1, 2 and 8 workers on a data set of full MIMIC-III's size, and how much faster two
/// are than one. Small in every run; `make bench-one-machine` for the figures. Printed, never checked.
extension LiveTests {
  @Suite struct SharedMemoryBenchmark {
    private static let isLarge = ProcessInfo.processInfo.environment["MUSTER_BENCH"] == "1"

    private struct Memory {
      var resident = 0
      var proportional = 0
      var privateAnonymous = 0
      var file = 0
    }

    @Test func workers_shareOneCopy() throws {
      let dataset = try makeDataset()
      var lines: [String] = []
      for count in Self.isLarge ? [1, 2, 8] : [1, 2] {
        let sweep = try start("memory-\(count)", dataset, trials: Self.isLarge ? 8 : 2, workers: count)
        var peak = Memory()
        let isDone = wait(Self.isLarge ? 400 : 60) {
          let now = Self.memory(ofChildrenOf: sweep.coordinator?.processID ?? 0)
          if now.proportional > peak.proportional { peak = now }
          return sweep.recordedCount >= count || sweep.coordinator?.isRunning != true
        }
        #expect(isDone, "\(sweep.coordinatorSaid)")
        sweep.endAll()
        lines.append(
          "  \(count) workers: RSS together \(peak.resident / 1_024) MiB, PSS together \(peak.proportional / 1_024) MiB"
            + " (mapped files \(peak.file / 1_024) MiB, own memory \(peak.privateAnonymous / 1_024) MiB)")
      }
      print("memory of workers on one machine, at the highest PSS:\n" + lines.joined(separator: "\n"))
    }

    /// In real life: two workers start together on one machine, and features are binned for all folds. One bins, the other
    /// waits and maps what it made: the file of bins is never written a second time.
    @Test func twoProcesses_binOnce() throws {
      let dataset = try makeDataset()
      func bins() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: dataset).filter { $0.contains(".bins") }
      }
      for name in try bins() { try FileManager.default.removeItem(atPath: "\(dataset)/\(name)") }
      let sweep = try LiveSweep(
        "shared-bins", LiveSweep.Shape(trials: 4, trees: 60, sharesBins: true), dataset: dataset)
      try sweep.startCoordinator(localWorkers: 2)
      #expect(wait(60) { (try? bins().contains { $0.hasSuffix(".bins") }) == true }, "\(sweep.coordinatorSaid)")
      let path = try "\(dataset)/" + #require(try bins().first { $0.hasSuffix(".bins") })
      let first = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == first)
      #expect(try bins().count == 1)
    }

    private static func children(of parent: Int32) -> [Substring] {
      let text = try? String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
      return (text ?? "").split(separator: " ")
    }

    @Test func twoWorkers_besideOne() throws {
      let dataset = try makeDataset()
      var lines: [String] = []
      for round in 0..<(Self.isLarge ? 2 : 1) {
        var seconds: [Double] = []
        for count in [1, 2] {
          let sweep = try start("pace-\(round)-\(count)", dataset, trials: Self.isLarge ? 4 : 2, workers: count)
          #expect(wait(600) { sweep.coordinator?.isRunning == false })
          // From the first lease to the last result, on the coordinator's clock.
          let span = try sweep.count(
            "SELECT (SELECT max(recorded_ms) FROM result) - (SELECT min(started_ms) FROM attempt)")
          seconds.append(Double(span) / 1_000)
        }
        lines.append(
          String(format: "  1 worker %.2f s, 2 workers %.2f s: %.2f ×", seconds[0], seconds[1], seconds[0] / seconds[1])
        )
      }
      print("the same sweep with 1 and 2 workers:\n" + lines.joined(separator: "\n"))
    }

    private func makeDataset() throws -> String {
      let rowCount = Self.isLarge ? 59_000 : 600
      let path = try Installation.shared.get().folder + "/large/rows-\(rowCount)"
      if !FileManager.default.fileExists(atPath: path) { try makeLargeDataset(in: path, rowCount: rowCount) }
      return path
    }

    private func start(_ name: String, _ dataset: String, trials: Int, workers: Int) throws -> LiveSweep {
      let sweep = try LiveSweep(
        name, LiveSweep.Shape(trials: trials, trees: Self.isLarge ? 60 : 20, sharesBins: true), dataset: dataset)
      try sweep.startCoordinator(localWorkers: workers)
      return sweep
    }

    private static func memory(ofChildrenOf parent: Int32) -> Memory {
      var sum = Memory()
      for child in children(of: parent) {
        let text = (try? String(contentsOfFile: "/proc/\(child)/smaps_rollup", encoding: .utf8)) ?? ""
        for line in text.split(separator: "\n") {
          let words = line.split(separator: " ")
          guard words.count >= 2, let kilobytes = Int(words[1]) else { continue }
          switch words[0] {
          case "Rss:": sum.resident += kilobytes
          case "Pss:": sum.proportional += kilobytes
          case "Pss_File:": sum.file += kilobytes
          case "Pss_Anon:": sum.privateAnonymous += kilobytes
          default: break
          }
        }
      }
      return sum
    }
  }
}
