// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Foundation

/// The benchmark's own files: for each task and part a `listfile.csv`, and the event series of each episode in it.
///
/// They hold values and identifiers of patients, as the benchmark's do: they are for its tools, not for sharing.
final class BenchmarkFiles {
  private let directory: String
  private var lists: [String: [String]] = [:]

  enum Task: String, CaseIterable {
    case mortality = "in-hospital-mortality"
    case decompensation
    case lengthOfStay = "length-of-stay"
    case phenotyping

    var header: String {
      switch self {
      case .mortality: "stay,y_true"
      case .decompensation, .lengthOfStay: "stay,period_length,y_true"
      case .phenotyping: "stay,period_length," + Phenotype.all.map(\.name).joined(separator: ",")
      }
    }
  }

  static let header = "Hours," + BenchmarkVariable.all.map(\.name).joined(separator: ",")

  init(directory: String) throws(PreparationError) {
    self.directory = directory
    for task in Task.allCases {
      for part in ["train", "test"] {
        let path = "\(directory)/\(task.rawValue)/\(part)"
        lists["\(task.rawValue)/\(part)"] = []
        do {
          try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
          throw PreparationError(cause: .scratch(path: path, problem: "\(error)"))
        }
      }
    }
  }

  func append(_ episode: BenchmarkEpisode, name: String, part: String) throws(PreparationError) {
    if let sample = episode.mortalitySample {
      try write(episode.rows(within: sample.hours).rows, .mortality, part, name)
      list(.mortality, part, "\(name),\(Int(sample.label))")
    }
    guard let whole = episode.phenotypingSample else { return }
    for task in [Task.decompensation, .lengthOfStay, .phenotyping] {
      try write(episode.rows(within: whole.hours).rows, task, part, name)
    }
    for sample in episode.decompensationSamples {
      list(.decompensation, part, "\(name),\(decimals(sample.hours)),\(Int(sample.label))")
    }
    for sample in episode.remainingStaySamples {
      list(.lengthOfStay, part, "\(name),\(decimals(sample.hours)),\(decimals(sample.label))")
    }
    let labels = Phenotype.all.indices.map { episode.stay.phenotypes >> UInt32($0) & 1 == 1 ? "1" : "0" }
    list(.phenotyping, part, "\(name),\(decimals(whole.hours)),\(labels.joined(separator: ","))")
  }

  private func decimals(_ value: Double) -> String { String(format: "%.6f", value) }

  private func list(_ task: Task, _ part: String, _ line: String) {
    lists["\(task.rawValue)/\(part)", default: []].append(line)
  }

  private func write(
    _ rows: ArraySlice<BenchmarkEpisode.Row>, _ task: Task, _ part: String, _ name: String
  ) throws(PreparationError) {
    var text = Self.header + "\n"
    for row in rows {
      text += "\(row.hours)"
      for cell in row.cells {
        text += ","
        // The benchmark quotes as pandas does, only where there must be; no text of its items needs it.
        if let cell { text += cell.shown }
      }
      text += "\n"
    }
    try write(text, to: "\(directory)/\(task.rawValue)/\(part)/\(name)")
  }

  /// Writes the list files, last of all.
  func finish() throws(PreparationError) {
    for task in Task.allCases {
      for part in ["train", "test"] {
        let lines = [task.header] + lists["\(task.rawValue)/\(part)", default: []]
        try write(lines.joined(separator: "\n") + "\n", to: "\(directory)/\(task.rawValue)/\(part)/listfile.csv")
      }
    }
  }

  private func write(_ text: String, to path: String) throws(PreparationError) {
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) } catch {
      throw PreparationError(cause: .scratch(path: path, problem: "\(error)"))
    }
  }
}
