// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Shards
import Sweeps
import Testing

@testable import Models

/// A model beside data sets that are its own, and others.
@Suite struct ModelUseTests {
  struct Other: Sendable, CustomTestStringConvertible {
    var columns = ["c0", "c 1", "c2=x", "c,3"]
    var unit = "mmol/L"
    var channels = ["s0", "s1"]
    /// nil: it fits.
    let says: String?
    var testDescription: String { says ?? "fits" }
  }

  /// In real life: a model is taken to next year's extract, whose columns someone renamed, or whose lab reports mg/dL.
  @Test(arguments: [
    Other(says: nil),
    Other(
      columns: ["c0", "c 1", "c2=x"], says: "columns: otherColumns: expected 4, among them c,3, found 3 without it"),
    Other(columns: ["c0", "c2=x", "c 1", "c,3"], says: "column 1: otherColumns: expected c 1, found c2=x"),
    Other(columns: ["c0", "c 1", "c2=x", "c,3", "new"], says: "expected 4, found 5, among them new"),
    Other(unit: "mg/dL", says: "column 0: otherColumns: expected c0 in mmol/L, found mg/dL"),
    Other(channels: ["s0", "t1"], says: "channels: otherColumns: expected 2, among them s1"),
  ])
  func dataSetOfOtherColumns_isRefusedByName(other: Other) throws {
    let fitted = try ModelFileTests.lstm.get()
    let sample = try ModelSample(columns: other.columns, unit: other.unit, channels: other.channels, seed: 8)
    guard let says = other.says else {
      try fitted.model.check(sample.dataset.manifest)
      #expect(try fitted.model.predictions(sample.dataset, [3, 4]).first?.count == 2)
      return
    }
    let error = #expect(throws: ModelError.self) { try fitted.model.check(sample.dataset.manifest) }
    #expect(try #require(error).description.contains(says), "\(error!)")
  }

  @Test func intervals_holdTheirMean_andNameARowByItsNumber() throws {
    let sample = try ModelSample()
    let model = try sample.fit(.lstm, ["dropout": .real(0.4)]).model
    func bands(_ rows: [Int], seed: UInt64 = 1, coverage: Double = 0.9) throws -> [PredictionBand] {
      try model.intervals(sample.dataset, rows, drawCount: 40, coverage: coverage, seed: seed)
    }
    let all = try bands([5, 17, 30])
    #expect(all.allSatisfy { $0.low < $0.mean && $0.mean < $0.high && $0.low > 0 && $0.high < 1 })
    #expect(try bands([17]) == [all[1]])
    #expect(try bands([17], seed: 2) != [all[1]])
    let narrow = try bands([17], coverage: 0.5)[0]
    #expect(narrow.low > all[1].low && narrow.high < all[1].high)
  }

  @Test func intervals_withoutDropout_areRefused() throws {
    let sample = try ModelSample()
    for model in [try sample.fit(.linear).model, try sample.fit(.lstm, ["dropout": .real(0)]).model] {
      let error = #expect(throws: ModelError.self) {
        try model.intervals(sample.dataset, [0], drawCount: 9, coverage: 0.9, seed: 1)
      }
      #expect(error?.code == .unsupported)
    }
  }

  /// Trees and lines predict a row by itself; blocks of rows must not show.
  @Test(arguments: [Learner.booster, .linear])
  func predictions_doNotDependOnTheRowsBeside(learner: Learner) throws {
    let sample = try ModelSample()
    let model = try sample.fit(learner).model
    let all = try model.predictions(sample.dataset, Array(0..<240))[0]
    for row in [0, 7, 239] { #expect(try model.predictions(sample.dataset, [row])[0] == [all[row]]) }
  }

  @Test func rows_areRangesOrAFile() throws {
    let folder = try ModelSample().folder
    #expect(try RowSelection.rows("7,0-2", of: 8) == [0, 1, 2, 7])
    for text in ["8", "3-2", "1,1", "", "a", "1,,2", "-1", "0-99999999999999999999", folder] {
      let error = #expect(throws: ModelError.self, "\(text)") { try RowSelection.rows(text, of: 8) }
      #expect(error?.code == .badRows)
    }
  }
}
