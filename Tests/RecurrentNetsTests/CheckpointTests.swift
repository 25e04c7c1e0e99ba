// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@testable import RecurrentNets

@Suite struct CheckpointTests {
  private let train = SequenceSample.planted(rowCount: 70, seed: 81)
  private let held = SequenceSample.planted(rowCount: 40, seed: 82)

  private func training(_ edits: Parameters = [:], seed: UInt64 = 3) throws -> LSTMTraining {
    let fixed: Parameters = [
      "hidden": .integer(6), "batch": .integer(32), "epochs": .integer(5), "dropout": .real(0.2),
      "patience": .integer(3), "learning_rate": .real(0.02),
    ]
    return try LSTMTraining(
      train: train.batch, labels: train.labels, validation: held, objective: .binary,
      options: LSTMOptions(Parameters(fixed.entries + edits.entries)), seed: seed)
  }

  private func bits(_ training: LSTMTraining) -> [UInt32] { training.fit.network.parameters.map(\.bitPattern) }

  /// In real life: the node is preempted after two epochs and another worker goes on. Goal: the fit is the one that
  /// nobody interrupted, to the last bit, and the bytes of a resumed training are those it was resumed from.
  @Test(arguments: [0, 1, 2, 4])
  func resumedTraining_endsInTheSameBits(epochsBefore: Int) throws {
    var whole = try training()
    while !whole.isFinished { try whole.runEpoch { _, _ in true } }
    var first = try training()
    for _ in 0..<epochsBefore { try first.runEpoch { _, _ in true } }
    let saved = first.checkpoint()
    var second = try training()
    try second.resume(saved)
    #expect(second.checkpoint() == saved && second.epochCount == epochsBefore)
    while !second.isFinished { try second.runEpoch { _, _ in true } }
    #expect(bits(second) == bits(whole))
    #expect(second.fit.trainLoss == whole.fit.trainLoss && second.fit.validLoss == whole.fit.validLoss)
    #expect(second.fit.bestEpoch == whole.fit.bestEpoch && second.checkpoint() == whole.checkpoint())
  }

  /// Goal: a torn, flipped or foreign file is an error that says so, and leaves the training as it was.
  @Test func damagedOrForeignCheckpoint_isRefused() throws {
    var first = try training()
    try first.runEpoch { _, _ in true }
    let saved = first.checkpoint()
    var target = try training()
    let before = target.checkpoint()
    func refuses(_ bytes: [UInt8]) -> Bool {
      do throws(RecurrentNetError) {
        try target.resume(bytes)
        return false
      } catch { return error.code == .badCheckpoint }
    }
    for count in [0, 3, 19, 20, saved.count / 2, saved.count - 1] { #expect(refuses(Array(saved.prefix(count)))) }
    for position in stride(from: 0, to: saved.count, by: 97) {
      var flipped = saved
      flipped[position] ^= 0x40
      #expect(refuses(flipped), "byte \(position)")
    }
    #expect(refuses(saved + [0]))
    #expect(refuses(try training(seed: 4).checkpoint()))
    #expect(refuses(try training(["learning_rate": .real(0.01)]).checkpoint()))
    #expect(target.checkpoint() == before)
    try target.resume(saved)
    #expect(target.epochCount == 1)
  }

  /// In real life: a cancelled epoch is thrown away; the last checkpoint still holds.
  @Test func cancelledEpoch_isRunAgainFromTheCheckpoint() throws {
    var whole = try training(["epochs": .integer(2)])
    while !whole.isFinished { try whole.runEpoch { _, _ in true } }
    var broken = try training(["epochs": .integer(2)])
    try broken.runEpoch { _, _ in true }
    let saved = broken.checkpoint()
    #expect(throws: RecurrentNetError.cancelled) { try broken.runEpoch { _, _ in false } }
    var again = try training(["epochs": .integer(2)])
    try again.resume(saved)
    try again.runEpoch { _, _ in true }
    #expect(bits(again) == bits(whole))
  }
}
