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

  func append(
    _ episode: BenchmarkEpisode, _ series: BenchmarkSeries, name: String, part: String
  ) throws(PreparationError) {
    if let sample = episode.mortalitySample, let text = series.mortality {
      try write(text, to: "\(directory)/\(Task.mortality.rawValue)/\(part)/\(name)")
      list(.mortality, part, "\(name),\(Int(sample.label))")
    }
    guard let whole = episode.phenotypingSample, let text = series.whole else { return }
    for task in [Task.decompensation, .lengthOfStay, .phenotyping] {
      try write(text, to: "\(directory)/\(task.rawValue)/\(part)/\(name)")
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

  private func decimals(_ value: Double) -> String {
    // Samples lie on whole hours.
    if let whole = Int32(exactly: value) { return "\(whole).000000" }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      withVaList([value]) { _ = vsnprintf(buffer.baseAddress, buffer.count, "%.6f", $0) }
      return String(cString: buffer.baseAddress!)
    }
  }

  private func list(_ task: Task, _ part: String, _ line: String) {
    lists["\(task.rawValue)/\(part)", default: []].append(line)
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
    // Foundation's `Data.write` syncs each file: 418 of them took 1.2 s on the demo. A run that is cut short writes all again.
    let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw PreparationError(cause: .scratch(path: path, problem: String(cString: strerror(errno))))
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do { try file.write(contentsOf: Data(text.utf8)) } catch {
      throw PreparationError(cause: .scratch(path: path, problem: "\(error)"))
    }
  }
}

/// An episode's event series as the benchmark's files show it; made on all cores, apart from the writing.
struct BenchmarkSeries: Sendable {
  let mortality: String?
  /// Of the three other tasks alike.
  let whole: String?

  init(_ episode: BenchmarkEpisode) {
    mortality = episode.mortalitySample.map { Self.text(episode.rows(within: $0.hours)) }
    whole = episode.phenotypingSample.map { Self.text(episode.rows(within: $0.hours)) }
  }

  private static func text(_ known: KnownRows) -> String {
    var text = BenchmarkFiles.header + "\n"
    for row in known.rows {
      text += "\(row.hours)"
      for cell in row.cells {
        text += ","
        // The benchmark quotes as pandas does, only where there must be; no text of its items needs it.
        if let cell { text += cell.shown }
      }
      text += "\n"
    }
    return text
  }
}
