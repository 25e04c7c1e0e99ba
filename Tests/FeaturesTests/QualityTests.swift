// SPDX-License-Identifier: Apache-2.0

import Features
import Foundation
import Shards
import Sweeps
import Testing

/// A made-up data set whose columns a test plants.
private struct Planted {
  let folder: TableFolder
  let dataset: Dataset

  /// - Parameter columns: name, window and value by row and label.
  init(
    rows: Int = 200, outcome: Outcome = .icuMortality, patients: Int = 100,
    columns: [(name: String, window: String, value: (Int, Float) -> Float)],
    rowID: (Int) -> Int64 = { Int64(1_000 + $0) }, group: ((Int) -> Int64)? = nil
  ) throws {
    folder = try TableFolder()
    let described = columns.map {
      FeatureColumn(name: $0.name, item: "made up", unit: "1", window: $0.window, statistic: "value")
    }
    let writer = try DatasetWriter(
      directory: folder.path + "/set",
      description: DatasetDescription(
        name: "planted", outcome: outcome, source: "synthetic", indexTime: "48 h after the time into the ICU",
        columns: described, channels: described.prefix(1).map { $0 }, stepCount: 2,
        flow: [
          FlowStep(reason: "stays", count: rows + 44), FlowStep(reason: "left out: young", count: 4),
          FlowStep(reason: "left out: gone", count: 40), FlowStep(reason: "rows", count: rows),
        ], createdBy: "test"))
    for row in 0..<rows {
      let label: Float = row % 5 == 0 ? 1 : 0
      try writer.append(
        ShardRow(
          tabular: columns.map { $0.value(row, label) }, sequence: [.nan, Float(row)], label: label,
          group: group?(row) ?? Int64(row * patients / rows), rowID: rowID(row)))
    }
    _ = try writer.finish()
    dataset = try Dataset(directory: folder.path + "/set")
  }

  var findings: [DatasetAudit.Finding] { DatasetAudit(dataset).findings }
}

/// Numbers without a pattern, the same on every run.
private func noise(_ row: Int, _ salt: Int = 1) -> Float {
  Float((row &* 2_654_435_761 &+ salt &* 40_503) % 9_973) / 9_973
}

@Suite struct AuditTests {
  private let honest: (name: String, window: String, value: (Int, Float) -> Float) = (
    "heart_rate", "first 48 h in the ICU", { row, label in noise(row) + 0.1 * label }
  )

  @Test func honestColumns_haveNoProblem() throws {
    let audit = DatasetAudit(try Planted(columns: [honest]).dataset)
    #expect(audit.isSound, "\(audit.text)")
  }

  // In real life: sixty columns of codes, each with the same notice, hide the one line that matters.
  @Test func notices_thatSayTheSame_shareALine_andProblemsDoNot() throws {
    let constants = (0..<9).map { place in
      (name: "unused_\(place)", window: "first 48 h in the ICU", value: { (_: Int, _: Float) -> Float in 1 })
    }
    let leaks = (0..<4).map { place in
      (name: "next_\(place)", window: "first 48 h in the ICU", value: { (row: Int, _: Float) in noise(row, place + 2) })
    }
    let audit = DatasetAudit(try Planted(columns: [honest] + constants + leaks).dataset)
    let lines = audit.text.split(separator: "\n")
    #expect(lines.count { $0.contains("unused_") } == 1, "\(audit.text)")
    #expect(lines.contains { $0.contains("9 columns (unused_0, unused_1, unused_2, …)") }, "\(audit.text)")
    #expect(lines.count { $0.hasPrefix("problem") && $0.contains("next_") } >= 4, "\(audit.text)")
    #expect(audit.findings.count { $0.kind == "constant" } == 9)
  }

  // In real life: days_to_readmission came in with the features of the seed.
  @Test(arguments: ["days_to_readmission", "hospital_expire_flag", "subject_id_code", "next_admission_type"])
  func columns_namedLikeOutcomesOrIdentifiers_areProblems(name: String) throws {
    let planted = try Planted(columns: [honest, (name, "at admission", { row, _ in noise(row, 7) })])
    #expect(planted.findings.contains { $0.severity == .problem && $0.subject == name })
  }

  // In real life: a column is the label in other words; so is one that is only recorded for those who die.
  @Test func labelDerivedColumns_areProblems_alsoByMissingness() throws {
    let planted = try Planted(columns: [
      honest, ("sedation", "first 48 h in the ICU", { row, label in label + 0.01 * noise(row, 3) }),
      ("lactate", "first 48 h in the ICU", { row, label in label == 1 ? noise(row, 5) : .nan }),
    ])
    let subjects = planted.findings.filter { $0.severity == .problem && $0.kind == "near-label" }.map(\.subject)
    #expect(subjects == ["sedation", "lactate"])
  }

  @Test func identifierUnderAnotherName_isAProblem() throws {
    let planted = try Planted(columns: [honest, ("code", "at admission", { row, _ in Float(row) * 3 })])
    #expect(planted.findings.contains { $0.kind == "identifier" && $0.subject == "code" && $0.severity == .problem })
  }

  @Test func windowBehindTheIndexTime_isAProblem() throws {
    let planted = try Planted(columns: [honest, ("weight", "whole stay", { row, _ in noise(row, 2) })])
    #expect(planted.findings.contains { $0.kind == "timing" && $0.subject == "weight" && $0.severity == .problem })
  }

  @Test func constantColumns_areNoticed() throws {
    let planted = try Planted(columns: [
      honest, ("empty", "at admission", { _, _ in .nan }), ("same", "at admission", { _, _ in 4 }),
    ])
    #expect(planted.findings.filter { $0.kind == "constant" }.map(\.subject) == ["empty", "same"])
    #expect(DatasetAudit(planted.dataset).isSound)
  }

  // In real life: a join gave each admission two rows, and one admission two patients.
  @Test func repeatedRows_andSharedAdmissions_areProblems() throws {
    let twice = try Planted(columns: [honest], rowID: { Int64($0 / 2) })
    #expect(twice.findings.contains { $0.kind == "duplicate" && $0.severity == .problem })
    let shared = try Planted(patients: 200, columns: [honest], rowID: { Int64($0 / 2) }, group: { Int64($0) })
    #expect(shared.findings.contains { $0.kind == "overlap" && $0.severity == .problem })
  }

  @Test func missingness_thatDiffersByGroup_isNoticed() throws {
    let planted = try Planted(columns: [
      ("sex_male", "at admission", { row, _ in row % 2 == 0 ? 1 : 0 }),
      ("heart_rate", "first 48 h in the ICU", { row, _ in row % 2 == 0 ? .nan : noise(row) }),
    ])
    #expect(planted.findings.contains { $0.kind == "missingness" && $0.subject == "sex" })
  }

  @Test(arguments: [Outcome.readmission30d, .icuMortality])
  func preparedColumns_raiseNoNameOrTimingProblem(outcome: Outcome) throws {
    for column in featureColumns(for: outcome, .full) {
      let planted = try Planted(
        rows: 40, outcome: outcome, columns: [(column.name, column.window, { row, _ in noise(row) })])
      let problems = planted.findings.filter {
        $0.severity == .problem && ["identifier", "near-label", "timing"].contains($0.kind)
      }
      #expect(problems.isEmpty, "\(problems)")
      // 1,600 columns take long; the first of each name is enough.
      if column.name.hasPrefix("lab_potassium_6h") { break }
    }
  }
}

@Suite struct PortraitTests {
  @Test(
    arguments: [
      ([50, 5, 45], [50, nil, nil]), ([50, 5, 3, 42], [50, nil, nil, nil]), ([50, 10, 9, 31], [50, nil, nil, 31]),
      ([20, 30], [20, 30]), ([0, 40], [0, 40]), ([5], [nil]),
    ] as [([Int], [Int?])])
  func smallCells_areHidden_andCannotBeWorkedOut(counts: [Int], shown: [Int?]) {
    #expect(SmallCells.shown(counts) == shown)
  }

  @Test func page_showsNoSmallCount_noIdentifier_andNoOutlier() throws {
    let planted = try Planted(
      columns: [
        ("sex_male", "at admission", { row, _ in row < 7 ? 1 : 0 }),
        ("heart_rate", "first 48 h in the ICU", { row, _ in row == 3 ? 123_457 : noise(row) }),
      ], rowID: { Int64(987_654_000 + $0) })
    let portrait = DatasetPortrait(planted.dataset)
    for text in [portrait.text, portrait.html] {
      #expect(text.contains("hidden"))
      #expect(!text.contains("987654") && !text.contains("123457"))
      #expect(!text.contains("male: 7 ") && !text.contains("young: 4") && !text.contains("gone: 40"))
      #expect(!text.contains(">193<") && !text.contains("female: 193"))
    }
    #expect(portrait.html.contains("<svg") && portrait.html.hasSuffix("</html>\n"))
  }
}
