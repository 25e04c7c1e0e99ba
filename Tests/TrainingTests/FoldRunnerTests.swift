// SPDX-License-Identifier: Apache-2.0

import Evaluation
import Foundation
import Hyperparameters
import Shards
import Sweeps
import Testing
import Training

@Suite struct FoldRunnerTests {
  /// Goal: every learner finds the planted signal, for both kinds of label. Method: a signal whose best AUROC is about 0.9.
  @Test(arguments: Learner.allCases, [Outcome.readmission30d, .lengthOfStay])
  func learner_findsTheSignal(learner: Learner, outcome: Outcome) throws {
    let fixture = try Fixture(outcome: outcome)
    let result = try fixture.runner.run(fixture.assignment(learner, outcome: outcome)) { _, _ in .goOn }
    if outcome == .lengthOfStay {
      #expect(try #require(result.measurement.metric("valid/r2")) > 0.3)
    } else {
      #expect(try #require(result.measurement.metric("valid/auroc")) > 0.7)
    }
    #expect(result.measurement.trainRowCount + result.measurement.validRowCount == 240)
    #expect(result.measurement.bestStep >= 1)
  }

  @Test(arguments: Learner.allCases)
  func sameTask_sameBits_whateverRanBefore(learner: Learner) throws {
    let (one, other) = (try Fixture(), try Fixture())
    let first = try one.runner.run(one.assignment(learner)) { _, _ in .goOn }
    _ = try other.runner.run(other.assignment(.linear, fold: 1)) { _, _ in .goOn }
    let second = try other.runner.run(other.assignment(learner)) { _, _ in .goOn }
    #expect(first.measurement.fingerprint == second.measurement.fingerprint)
    #expect(first.measurement == second.measurement)
  }

  @Test func predictions_coverExactlyTheFold() throws {
    let fixture = try Fixture()
    var seen: [Int] = []
    for fold in 0..<4 {
      let result = try fixture.runner.run(fixture.assignment(.linear, fold: fold)) { _, _ in .goOn }
      seen += try fixture.predictions(result).map(\.row)
    }
    #expect(seen.sorted() == Array(0..<240))
  }

  /// The wall that makes the numbers honest. Goal: values of held-out rows change nothing but those rows' predictions.
  /// Method: half of the held-out rows get absurd values; predictions of the other half keep every bit.
  @Test(arguments: Learner.allCases, Balancing.allCases)
  func heldOutRows_neverReachTheTraining(learner: Learner, balancing: Balancing) throws {
    if balancing == .smote, !learner.isTabular { return }
    let changes: Parameters = ["imbalance": .text(balancing.rawValue)]
    let plain = try Fixture()
    let assignment = try plain.assignment(learner, changing: changes)
    let folds = try assignment.order.folds.assign(
      groups: plain.dataset.groups, labels: plain.dataset.labels, isBinary: true)
    let heldOut = folds[0].indices.filter { folds[0][$0] == 0 }
    let poisoned = Set(heldOut.prefix(heldOut.count / 2))
    let changed = try Fixture { row, tabular, sequence in
      guard poisoned.contains(row) else { return }
      tabular = tabular.map { _ in 1e6 }
      sequence = sequence.map { _ in -1e6 }
    }
    #expect(changed.dataset.labels == plain.dataset.labels)
    let before = try plain.predictions(plain.runner.run(assignment) { _, _ in .goOn })
    let after = try changed.predictions(
      changed.runner.run(changed.assignment(learner, changing: changes)) { _, _ in .goOn })
    var moved = 0
    for (old, new) in zip(before, after) {
      if poisoned.contains(old.row) {
        if old.text != new.text { moved += 1 }
      } else {
        #expect(old.row == new.row && old.text == new.text, "row \(old.row) moved")
      }
    }
    #expect(moved > 0, "the poison had no effect at all, so this test shows nothing")
  }

  @Test func strangeTasks_sayWhatIsWrong() throws {
    let fixture = try Fixture()
    func kind(_ assignment: Assignment) -> FailureReport.Kind? {
      do {
        _ = try fixture.runner.run(assignment) { _, _ in .goOn }
        return nil
      } catch {
        return error.failureReport?.kind
      }
    }
    let unknown = ContentDigest(bytes: [UInt8](repeating: 1, count: 32))
    #expect(kind(try fixture.assignment(.linear, digest: unknown)) == .dataset)
    #expect(kind(try fixture.assignment(.linear, outcome: .icuMortality)) == .invalidTask)
    #expect(kind(try fixture.assignment(.linear, rung: 1)) == .invalidTask)
    #expect(kind(try fixture.assignment(.linear, fold: 4)) == .invalidTask)
  }

  @Test(arguments: Learner.allCases)
  func cancelled_stopsWithoutAReport(learner: Learner) throws {
    let fixture = try Fixture()
    #expect { try fixture.runner.run(fixture.assignment(learner)) { _, _ in .stop } } throws: { error in
      (error as? TrainingError) == .cancelled
    }
  }

  /// In real life: a disk flips a bit between two tasks of a worker's life. No fold trains on it; who does not read it goes on.
  @Test(arguments: Learner.allCases, [0, 1])
  func flippedByte_isADatasetFailure(learner: Learner, dataset: Int) throws {
    let fixture = try Fixture()
    let sound = try fixture.runner.run(fixture.assignment(learner)) { _, _ in .goOn }
    let other = try Fixture()
    let shard = other.folder + "/data/shard-0000.h5"
    var bytes = try #require(FileManager.default.contents(atPath: shard))
    bytes[try #require(other.dataset.manifest.files[0].index).offsets[dataset] + 2] ^= 1
    try FileManager.default.removeItem(atPath: shard)
    try bytes.write(to: URL(fileURLWithPath: shard))
    let isRead = dataset == 0 || learner == .lstm
    guard isRead else {
      let result = try other.runner.run(other.assignment(learner)) { _, _ in .goOn }
      #expect(result.measurement.metrics == sound.measurement.metrics)
      return
    }
    #expect { try other.runner.run(other.assignment(learner)) { _, _ in .goOn } } throws: { error in
      (error as? TrainingError)?.failureReport?.kind == .dataset && "\(error)".contains("shard-0000.h5")
    }
  }
}

@Suite struct ArtifactStoreTests {
  @Test func artifact_isNamedByContent_andChecked() throws {
    let folder = NSTemporaryDirectory() + "artifacts-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try ArtifactStore(directory: folder)
    let reference = try store.write(.model, Array("abc".utf8))
    // SHA-256 of "abc", FIPS 180-4 appendix.
    #expect(reference.digest.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try store.write(.model, Array("abc".utf8)) == reference)
    #expect(try store.read(reference.digest) == Array("abc".utf8))
    try Data("abd".utf8).write(to: URL(fileURLWithPath: store.path(of: reference.digest)))
    #expect(throws: TrainingError.self) { try store.read(reference.digest) }
  }

  /// What nothing looks at is trained on: without early stopping no patient is set aside, and the fit is another.
  @Test(arguments: [Learner.booster, .lstm]) func patience0_setsNoRowAside(learner: Learner) throws {
    let fixture = try Fixture()
    func measured(patience: Int64) throws -> Sweeps.Measurement {
      let assignment = try fixture.assignment(learner, changing: ["patience": .integer(patience)])
      return try fixture.runner.run(assignment) { _, _ in .goOn }.measurement
    }
    // So patient that it never stops either, but it looks.
    let (all, watched) = (try measured(patience: 0), try measured(patience: 1_000))
    let curves = { (measurement: Sweeps.Measurement) in Set(measurement.curve.map(\.metric)) }
    #expect(curves(all) == ["train/loss"] && curves(watched) == ["inner/loss", "train/loss"])
    #expect(all.trainRowCount == watched.trainRowCount)
    #expect(all.metrics != watched.metrics)
    #expect(try measured(patience: 0) == all)
  }
}
