// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Sweeps
import Testing

@testable import Training

/// A worker that dies or is preempted in mid-fold leaves a checkpoint; the next one goes on from it.
@Suite struct CheckpointTests {
  private func files(_ fixture: Fixture) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: fixture.checkpoints.directory)
  }

  /// I10, in real life: a fold is preempted again and again, each time after a step or two, and ends on the fourth worker.
  /// Goal: the result of the undisturbed run, bit for bit, and no step is made twice.
  @Test(arguments: [Learner.booster, .lstm])
  func pausedAgainAndAgain_endsWithTheUndisturbedResult(learner: Learner) throws {
    let (plain, fixture) = (try Fixture(), try Fixture())
    let undisturbed = try plain.runner.run(plain.assignment(learner)) { _, _ in .goOn }
    let assignment = try fixture.assignment(learner)
    var seen: [Int] = []
    for _ in 0..<3 {
      let start = seen.last ?? 0
      #expect(throws: TrainingError.cancelled) {
        try fixture.runner.run(assignment) { step, _ in
          if seen.last != step, step > start { seen.append(step) }
          return step > start ? .pause : .goOn
        }
      }
      #expect(try files(fixture).count == 1)
    }
    let last = seen.last ?? 0
    let result = try fixture.runner.run(assignment) { step, _ in
      if step > last, seen.last != step { seen.append(step) }
      return .goOn
    }
    #expect(result.measurement == undisturbed.measurement)
    #expect(result.cost.resumedStep == last && last >= 3)
    #expect(seen == Array(1...(seen.last ?? 0)), "each step once, in order")
    #expect(try files(fixture).isEmpty, "a finished task leaves no checkpoint")
  }

  /// In real life: kill -9 while a checkpoint is written, or a disk that flips a bit. Training starts over, to the same bits.
  @Test(arguments: [Learner.booster, .lstm])
  func damagedCheckpoint_isNoCheckpoint(learner: Learner) throws {
    let fixture = try Fixture()
    let assignment = try fixture.assignment(learner)
    let plain = try Fixture()
    let undisturbed = try plain.runner.run(plain.assignment(learner)) { _, _ in .goOn }
    for damage in 0..<3 {
      #expect(throws: TrainingError.cancelled) {
        try fixture.runner.run(assignment) { step, _ in step >= 1 ? .pause : .goOn }
      }
      let path = fixture.checkpoints.path(assignment)
      var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
      switch damage {
      case 0: bytes[bytes.count / 2] ^= 1
      case 1: bytes.removeLast(bytes.count / 3)
      default: bytes = Array("not a checkpoint".utf8)
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let result = try fixture.runner.run(assignment) { _, _ in .goOn }
      #expect(result.cost.resumedStep == 0)
      #expect(result.measurement == undisturbed.measurement)
    }
  }

  /// A checkpoint answers one question only. Method: everything that makes another question, changed one by one.
  @Test func otherQuestion_otherCheckpoint() throws {
    let fixture = try Fixture()
    let assignment = try fixture.assignment(.booster)
    let store = fixture.checkpoints
    store.write(Checkpoint(step: 3, state: [1, 2, 3]), for: assignment)
    #expect(store.read(assignment) == Checkpoint(step: 3, state: [1, 2, 3]))
    let others = [
      try fixture.assignment(.booster, fold: 1), try fixture.assignment(.lstm),
      try fixture.assignment(.booster, digest: ContentDigest(bytes: [UInt8](repeating: 3, count: 32))),
      try fixture.assignment(.booster, outcome: .icuMortality), try fixture.assignment(.booster, rung: 1),
    ]
    for other in others { #expect(store.read(other) == nil) }
    for (version, machine) in [("other", "any"), ("test", "other")] {
      let elsewhere = try CheckpointStore(directory: store.directory, codeVersion: version, machineType: machine)
      #expect(elsewhere.read(assignment) == nil)
    }
    // Another attempt at the same task is the same question.
    let again = Assignment(
      order: assignment.order, fold: assignment.fold, rung: assignment.rung, attempt: Attempt(epoch: 9, number: 9))
    #expect(store.read(again) != nil)
    // A file that was renamed by hand is of another task still.
    try FileManager.default.copyItem(atPath: store.path(assignment), toPath: store.path(others[0]))
    #expect(store.read(others[0]) == nil)
  }

  /// In real life: a pruned trial's checkpoint, and the draft of a killed process, are left behind. A week later they are gone,
  /// and those of last night's sweep are not.
  @Test func leftBehind_isRemovedAfterAWeek() throws {
    let fixture = try Fixture()
    let folder = fixture.checkpoints.directory
    for (name, days) in [("old", 8.0), ("old.123", 30), ("new", 1)] {
      let date = Date(timeIntervalSinceNow: -days * 86_400)
      #expect(FileManager.default.createFile(atPath: folder + "/" + name, contents: Data([1])))
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: folder + "/" + name)
    }
    _ = try CheckpointStore(directory: folder, codeVersion: "test", machineType: "any")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["new"])
  }

  /// In real life: the disk of the checkpoints is full or gone. Training goes on without.
  @Test func unwritableFolder_costsNoResult() throws {
    let fixture = try Fixture()
    try FileManager.default.removeItem(atPath: fixture.checkpoints.directory)
    let result = try fixture.runner.run(fixture.assignment(.booster)) { _, _ in .goOn }
    #expect(result.measurement.bestStep >= 1)
  }
}
