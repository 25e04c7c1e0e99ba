// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import RecurrentNets
import Shards
import Sweeps
import Testing

@testable import Models

/// Every learner's file: what is read back predicts as what was written, and what is damaged is refused in words.
@Suite struct ModelFileTests {
  static let lstm = Result { try ModelSample().fit(.lstm) }
  static let linear = Result { try ModelSample().fit(.linear) }

  private static let settings: [(Learner, Parameters)] = [
    (.booster, [:]), (.booster, ["trees": .integer(1), "leaves": .integer(2)]),
    (.booster, ["categorical": .text("c2=x")]), (.linear, [:]), (.linear, ["l1": .real(0.05)]), (.lstm, [:]),
    (
      .lstm,
      [
        "layers": .integer(2), "bidirectional": .flag(true), "decay": .text("exponential"),
        "time_encoding": .integer(3),
        "mean_decay": .flag(true), "layer_norm": .flag(true), "attention": .text("linear"),
      ]
    ), (.lstm, ["decay": .text("none"), "hidden": .integer(9), "dropout": .real(0.5)]),
  ]

  /// Goal: a model read from its file gives the recorded predictions of the test set, to the bit.
  @Test(arguments: settings.indices, [Outcome.readmission30d, .lengthOfStay])
  func predictions_ofAModelReadBack_areThoseRecorded(setting: Int, outcome: Outcome) throws {
    let sample = try ModelSample(outcome: outcome)
    let (learner, changes) = Self.settings[setting]
    let fitted = try sample.fit(learner, changes)
    try fitted.model.check(sample.dataset.manifest)
    let again = try fitted.model.predictions(sample.dataset, fitted.rows)
    #expect(again.count == 1 && again[0].map { "\($0)" } == fitted.predictions)
    #expect(Set(fitted.predictions).count > 1)
    let origin = try fitted.model.requiredOrigin()
    #expect(origin.learner == learner && origin.heads.map(\.name) == [outcome.rawValue])
    #expect(origin.columns.map(\.name) == ["c0", "c 1", "c2=x", "c,3"] && origin.dataset == sample.dataset.digest)
    #expect(origin.rowCount == 240 - fitted.rows.count)
    #expect(origin.parameters.contains(learner == .linear ? "\"l2\"" : learner == .lstm ? "\"hidden\"" : "\"trees\""))
    #expect(fitted.model.digest.hex.count == 64 && fitted.model.byteCount == fitted.bytes.count)
  }

  /// Goal: more than one head. Method: a network of three, made by hand.
  @Test func network_ofThreeHeads_comesBackWhole() throws {
    let sample = try ModelSample()
    let rows = Array(0..<sample.dataset.rowCount)
    let preparation = SequencePreparation(sample.dataset, fittedOn: rows)
    let labels = rows.map { sample.dataset.labels[$0] }
    let days = rows.map { Float($0 % 7) * 1.7 }
    var training = try LSTMTraining(
      train: preparation.rows(sample.dataset, rows),
      targets: [
        SequenceTarget(labels: labels, objective: .binary), SequenceTarget(labels: days, objective: .regression),
        SequenceTarget(labels: labels.reversed(), objective: .binary),
      ], validation: nil,
      options: LSTMOptions(["epochs": .integer(1), "hidden": .integer(5), "patience": .integer(0)]), seed: 3, score: nil
    )
    try training.runEpoch { _, _ in true }
    let origin = ModelOrigin(
      TrialOrder(
        sweep: SweepID(1), trial: 0, learner: .lstm, parameters: [:], dataset: sample.dataset.digest,
        outcome: .readmission30d, folds: FoldPlan(scheme: .grouped, foldCount: 2, seed: 1), seed: 1), sample.dataset,
      others: [.init(name: "stay", objective: .regression), .init(name: "mirror", objective: .binary)], rowCount: 240)
    let bytes = modelFile(training.fit.network, preparation, dropout: 0.1, variationalDropout: 0, origin: origin)
    let model = try FinishedModel(bytes, path: "three")
    #expect(model.origin == origin)
    #expect(
      try model.predictions(sample.dataset, rows)
        == training.fit.network.predictAll(preparation.rows(sample.dataset, rows)))
    // The second head is in days.
    let explanation = try model.explanations(sample.dataset, [6], head: 1, pointCount: 200)[0]
    #expect(abs(explanation.score - Double(try model.predictions(sample.dataset, [6])[1][0])) < 1e-4)
    #expect(abs(explanation.rest) < 1e-2 && abs(explanation.base) > 1)
  }

  /// In real life: a copy was cut short by a full disk. Every length is refused, none traps.
  @Test(arguments: [false, true])
  func truncated_isRefusedAtEveryLength(isLinear: Bool) throws {
    let bytes = try (isLinear ? Self.linear : Self.lstm).get().bytes
    for count in stride(from: 0, to: bytes.count, by: isLinear ? 1 : 97) {
      #expect(throws: ModelError.self, "\(count) of \(bytes.count) bytes") {
        try FinishedModel(Array(bytes[..<count]), path: "cut")
      }
    }
  }

  /// Goal: no bit of the header can be flipped into a trap. Method: each byte of it, one at a time.
  @Test func flippedHeader_isReadOrRefused_andNeverTraps() throws {
    let bytes = try Self.linear.get().bytes
    var refused = 0
    for index in 0..<min(bytes.count, 1_500) {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 7)
      do { _ = try FinishedModel(damaged, path: "flipped") } catch { refused += 1 }
    }
    #expect(refused > 500)
  }

  /// Trees are text: cut anywhere before their end they are refused, with a bit flipped read or refused.
  @Test func damagedTrees_areReadOrRefused_andNeverTrap() throws {
    let sample = try ModelSample()
    let bytes = try sample.fit(.booster, ["trees": .integer(2)]).bytes
    let text = String(decoding: bytes, as: UTF8.self)
    let end = try #require(text.range(of: "end of trees")).lowerBound.utf16Offset(in: text)
    for count in 0..<end {
      #expect(throws: ModelError.self, "\(count) bytes") { try FinishedModel(Array(bytes[..<count]), path: "cut") }
    }
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 7)
      guard let model = try? FinishedModel(damaged, path: "flipped"), model.origin != nil else { continue }
      _ = try? model.predictions(sample.dataset, [0, 1])
      _ = try? model.explanations(sample.dataset, [0, 1])
    }
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let says: String
    var testDescription: String { says }
  }

  @Test(arguments: [
    Damage(old: #""hidden":"6""#, new: #""hidden":"9""#, says: "shape"),
    Damage(old: #""hidden":"6""#, new: #""hidden":"-6""#, says: "header `hidden`: damaged: expected 1 to 4096"),
    Damage(
      old: #""decay":"log""#, new: #""decay":"slow""#, says: "expected none, log, inverse, exponential, found \"slow\""),
    Damage(old: #""layer_norm":"false""#, new: #""layer_norm":"no""#, says: "expected true or false"),
    Damage(old: #""dropout":"0.1""#, new: #""dropout":"1.1""#, says: "header `dropout`: damaged: expected a share"),
    Damage(old: #""mean_decay":"0""#, new: #""mean_decay":"1""#, says: "expected 0 or 2, found 1"),
    Damage(old: #""dtype":"F64""#, new: #""dtype":"F16""#, says: "expected dtype F32 or F64"),
    Damage(old: #""channels.means""#, new: #""channels.modes""#, says: "channels.means: damaged: expected this tensor"),
    Damage(old: #"\"format\":1"#, new: #"\"format\":7"#, says: "versionUnknown: expected 1, found 7"),
    Damage(
      old: #"\"learner\":\"lstm\""#, new: #"\"learner\":\"gru\""#, says: "expected a learner: booster, lstm, linear"),
    Damage(old: #""muster":"#, new: #""master":"#, says: "files before format 1 lack it"),
    Damage(old: #""data_offsets":[0,"#, new: #""data_offsets":[8,"#, says: "expected bytes 0 to"),
    Damage(old: #""shape":[2]"#, new: #""shape":[4611686018427387904]"#, says: "a shape that can be counted"),
  ])
  func damagedHeader_isRefusedByName(damage: Damage) throws {
    let bytes = try edited(Self.lstm.get().bytes, damage.old, damage.new)
    let error = #expect(throws: ModelError.self) { try FinishedModel(bytes, path: "folder/model") }
    let text = try #require(error).description
    #expect(text.hasPrefix("folder/model: ") && text.contains(damage.says), "\(text)")
  }

  @Test func hugeHeader_isRefusedBeforeItIsRead() throws {
    var bytes = try Self.lstm.get().bytes
    bytes[6] = 0x7F
    let error = #expect(throws: ModelError.self) { try FinishedModel(bytes, path: "m") }
    #expect(try #require(error).description.contains("header's length: damaged: expected at most"))
  }

  @Test func weightThatIsNoNumber_isRefusedByTensorAndPlace() throws {
    var bytes = try Self.lstm.get().bytes
    bytes.replaceSubrange((bytes.count - 4)..., with: [0, 0, 0xC0, 0x7F])
    let error = #expect(throws: ModelError.self) { try FinishedModel(bytes, path: "m") }
    #expect(try #require(error).description.contains("expected a finite number, found NaN"))
  }

  @Test(arguments: ["", "PK\u{3}\u{4}zip", "tree\nversion=v4\n", "{\"json\": 1}", "a text of any kind"])
  func anotherFile_isRefused(text: String) {
    #expect(throws: ModelError.self) { try FinishedModel(Array(text.utf8), path: "m") }
  }

  @Test func missingFileAndFolder_areRefused() throws {
    let missing = #expect(throws: ModelError.self) { try FinishedModel.read("/nowhere/model") }
    #expect(missing?.code == .fileMissing)
    let folder = #expect(throws: ModelError.self) { try FinishedModel.read(NSTemporaryDirectory()) }
    #expect(folder?.code == .notAModel)
  }

  /// In real life: trees of a version before, whose file knows columns by number alone.
  @Test func treesWithoutTheirColumns_areShown_andNotApplied() throws {
    let sample = try ModelSample()
    let text = String(decoding: try sample.fit(.booster).bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("muster=") }
    let model = try FinishedModel(Array(lines.joined(separator: "\n").utf8), path: "old")
    #expect(model.origin == nil && model.shape.contains("12 trees"))
    let error = #expect(throws: ModelError.self) { try model.check(sample.dataset.manifest) }
    #expect(error?.code == .versionUnknown)
  }

  private func edited(_ bytes: [UInt8], _ old: String, _ new: String) throws -> [UInt8] {
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = String(decoding: bytes[8..<(8 + length)], as: UTF8.self)
    let range = try #require(header.range(of: old), "the header has no \(old)")
    let changed = Array(header.replacingCharacters(in: range, with: new).utf8)
    return withUnsafeBytes(of: UInt64(changed.count).littleEndian) { Array($0) } + changed + bytes[(8 + length)...]
  }
}
