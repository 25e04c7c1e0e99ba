// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Testing
import TrackerKit

@testable import Tracking

/// docs/Tracker.md as text: its questions, and what it says of each table and view.
enum TrackerPage {
  static let text: String? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try? String(contentsOf: root.appendingPathComponent("docs/Tracker.md"), encoding: .utf8)
  }()

  static var questions: [String] {
    (text ?? "").components(separatedBy: "```sql\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
  }

  /// Columns by table or view: the first cell of each row under a heading that names it, in order.
  static var columns: [String: [String]] {
    var found: [String: [String]] = [:]
    var name: String?
    for line in (text ?? "").split(separator: "\n") {
      if line.hasPrefix("#") { name = nil }
      if line.hasPrefix("### `"), let end = line.dropFirst(5).firstIndex(of: "`") {
        name = String(line.dropFirst(5)[..<end])
      }
      guard let name, line.hasPrefix("| `"), let end = line.dropFirst(3).firstIndex(of: "`") else { continue }
      found[name, default: []].append(String(line.dropFirst(3)[..<end]))
    }
    return found
  }
}

@Suite struct QuestionTests {
  @Test func page_asksTwentyQuestions() { #expect(TrackerPage.questions.count == 20) }

  /// Goal: the SQL that people copy runs, and finds something. Method: all of it, on a generated tracker.
  @Test(arguments: TrackerPage.questions) func question_isAnswered(sql: String) throws {
    let fixture = try Fixture()
    try GeneratedTracker.fill(fixture.path, trials: 200, steps: 5)
    #expect(try TrackerReader(path: fixture.path).sql(sql).rows.isEmpty == false)
  }

  /// What was planted in the generated tracker is what the questions find.
  @Test func answers_areThePlantedOnes() throws {
    let fixture = try Fixture()
    try GeneratedTracker.fill(fixture.path, trials: 200, steps: 5)
    let reader = try TrackerReader(path: fixture.path)
    func first(_ question: Int) throws -> [SQLTable.Value] {
      try reader.sql(TrackerPage.questions[question - 1]).rows.first ?? []
    }
    #expect(try first(6).first == .integer(0), "fold 0 was made the hardest")
    #expect(try first(10).first == .text("w5"), "w5 was made slow")
    #expect(try first(15).first == .text("0.0.9"), "w7 was made old")
  }

  /// Goal: question 5 is the corrected interval of Nadeau and Bengio. Method: its formula over the folds as read one by one.
  @Test func question5_isTheCorrectedInterval() throws {
    let fixture = try Fixture()
    try GeneratedTracker.fill(fixture.path, trials: 200, steps: 5)
    let reader = try TrackerReader(path: fixture.path)
    func values(_ trial: Int) throws -> [Double] {
      try reader.sql(
        "SELECT value FROM v_fold WHERE sweep = 'readmission' AND trial = \(trial) AND metric = 'valid/auroc' ORDER BY fold"
      ).rows.compactMap { if case .real(let value) = $0[0] { value } else { nil } }
    }
    let differences = zip(try values(5), try values(2)).map { $0 - $1 }
    #expect(differences.count == 5)
    let mean = differences.reduce(0, +) / 5
    let deviation = (differences.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 4).squareRoot()
    let half = 2.776 * deviation * (1.0 / 5 + 8_000.0 / 32_000).squareRoot()
    let row = try #require(reader.sql(TrackerPage.questions[4]).rows.first)
    for (found, expected) in zip(row, [mean, mean - half, mean + half]) {
      guard case .real(let value) = found else { Issue.record("\(found) is no number"); continue }
      #expect(abs(value - expected) < 1e-9)
    }
  }

  /// `make bench-tracker` prints the time of each question at 10,000 trials × 5 folds × 100 steps; tiny in every run.
  @Test func questionBenchmark() throws {
    let isLarge = ProcessInfo.processInfo.environment["MUSTER_BENCH"] != nil
    let fixture = try Fixture()
    try GeneratedTracker.fill(fixture.path, trials: isLarge ? 10_000 : 50, steps: isLarge ? 100 : 2)
    let reader = try TrackerReader(path: fixture.path)
    for sql in TrackerPage.questions {
      let clock = ContinuousClock()
      let times = try (0..<(isLarge ? 5 : 1)).map { _ in try clock.measure { _ = try reader.sql(sql) } }
      guard isLarge, let best = times.min() else { continue }
      let milliseconds = Double(best.components.attoseconds) / 1e15 + Double(best.components.seconds) * 1_000
      print(String(format: "%6.1f ms  %@", milliseconds, sql.components(separatedBy: "\n")[0]))
    }
  }
}
