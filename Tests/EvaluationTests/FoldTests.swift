// SPDX-License-Identifier: Apache-2.0

import Evaluation
import Randomness
import Sweeps
import Testing

@Suite struct FoldTests {
  /// Patients with 1–5 rows, 12 % positive rows.
  private func cohort(seed: UInt64, patients: Int = 200) -> (groups: [Int64], labels: [Float]) {
    var generator = CounterGenerator(key: seed)
    var (groups, labels): ([Int64], [Float]) = ([], [])
    for patient in 0..<patients {
      for _ in 0...generator.below(5) {
        groups.append(Int64(patient))
        labels.append(generator.uniform() < 0.12 ? 1 : 0)
      }
    }
    return (groups, labels)
  }

  private let plan = FoldPlan(scheme: .stratifiedGrouped, foldCount: 5, repeatCount: 2, seed: 17)

  /// Goal: no patient is in two folds, every fold has its share. Method: 50 cohorts; sizes within 5 % of the rows and
  /// positives within 2 rows of a fifth, far from what a random deal keeps.
  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func folds_keepPatientsTogether_andBalance(seed: UInt64) throws {
    let (groups, labels) = cohort(seed: seed)
    for folds in try plan.assign(groups: groups, labels: labels, isBinary: true) {
      var foldOfPatient: [Int64: Int] = [:]
      for (row, group) in groups.enumerated() {
        #expect(foldOfPatient[group, default: folds[row]] == folds[row], "seed \(seed)")
        foldOfPatient[group] = folds[row]
      }
      let positives = Double(labels.count { $0 == 1 }) / 5
      for fold in 0..<5 {
        let rows = folds.indices.filter { folds[$0] == fold }
        let positivesHere = Double(rows.count { labels[$0] == 1 })
        let surplus = abs(Double(rows.count) - Double(groups.count) / 5)
        #expect(surplus < 0.05 * Double(groups.count), "seed \(seed)")
        #expect(abs(positivesHere - positives) <= 2, "seed \(seed)")
      }
    }
  }

  @Test func folds_dependOnTheSeed_andNotOnTheOrderOfRows() throws {
    let (groups, labels) = cohort(seed: 3)
    let folds = try plan.assign(groups: groups, labels: labels, isBinary: true)
    #expect(folds[0] != folds[1])
    #expect(try plan.assign(groups: groups, labels: labels, isBinary: true) == folds)
    let other = FoldPlan(scheme: .stratifiedGrouped, foldCount: 5, repeatCount: 2, seed: 18)
    #expect(try other.assign(groups: groups, labels: labels, isBinary: true) != folds)
    let order = Array(groups.indices.reversed())
    let turned = try plan.assign(groups: order.map { groups[$0] }, labels: order.map { labels[$0] }, isBinary: true)
    #expect(turned[0] == order.map { folds[0][$0] })
  }

  @Test func realLabels_areStratifiedByQuintile() throws {
    let (groups, _) = cohort(seed: 5)
    var generator = CounterGenerator(key: 6)
    let labels = groups.map { _ in Float(generator.exponential(mean: 3)) }
    let folds = try plan.assign(groups: groups, labels: labels, isBinary: false)[0]
    let top = labels.sorted()[labels.count * 4 / 5]
    for fold in 0..<5 {
      let count = folds.indices.count { folds[$0] == fold && labels[$0] >= top }
      #expect(abs(Double(count) - Double(labels.count) / 25) < 6)
    }
  }

  @Test func impossiblePlans_sayWhatIsMissing() {
    func assign(_ groups: [Int64], _ labels: [Float]) throws -> [[Int]] {
      try plan.assign(groups: groups, labels: labels, isBinary: true)
    }
    #expect { try assign([0, 0, 1], [0, 1, 0]) } throws: { "\($0)".contains("at least 5 patients") }
    // Seven patients, but the positives are all of two of them.
    #expect { try assign([0, 1, 2, 3, 4, 5, 6], [1, 1, 0, 0, 0, 0, 0]) } throws: { "\($0)".contains("only 2 have") }
    #expect(throws: FoldError.self) { try assign([0, 1, 2, 3, 4], [0, 1]) }
    #expect(throws: FoldError.self) { try assign([0, 1, 2, 3, 4], [0, 1, .nan, 0, 1]) }
    #expect(throws: FoldError.self) { try assign([0, 1, 2, 3, 4], [0, 1, 2, 0, 1]) }
  }
}
