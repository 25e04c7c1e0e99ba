// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import Boosters

/// In real life: a worker is preempted after some tree; another goes on from the last checkpoint.
@Suite struct CheckpointTests {
  private static let settings: [Parameters] = [
    ["trees": .integer(12), "patience": .integer(0)],
    ["trees": .integer(12), "subsample": .real(0.6), "column_sample": .real(0.5), "patience": .integer(0)],
    ["trees": .integer(30), "learning_rate": .real(0.5), "patience": .integer(3), "min_leaf": .integer(3)],
    ["trees": .integer(12), "drop_rate": .real(0.4), "drop_skip": .real(0.1), "patience": .integer(0)],
    ["trees": .integer(12), "sampling": .text("goss"), "rate_schedule": .text("cosine"), "patience": .integer(0)],
  ]

  private let train = Case(seed: 1, rowCount: 600, columnCount: 11)
  private let valid = Case(seed: 2, rowCount: 300, columnCount: 11)

  private func begin(
    _ parameters: Parameters, _ held: UnsafeBufferPointer<Float>, seed: UInt64 = 5, resuming: [UInt8]? = nil
  ) throws -> BoosterTraining {
    let options = try BoosterOptions(parameters)
    return try BoosterTraining(
      train: train.binned(options.binCountMax), labels: train.labels, validation: (held, valid.labels),
      objective: .binary, options: options, seed: seed, resuming: resuming)
  }

  /// Goal: the same bits as without the stop. Method: a stop after each tree in turn, the last one included.
  @Test(arguments: settings) func stopAndGoOn_atAnyTree_isTheSameFit(parameters: Parameters) throws {
    try valid.values.withUnsafeBufferPointer { held in
      var whole = try begin(parameters, held)
      var checkpoints = [whole.checkpoint()]
      while whole.step() { checkpoints.append(whole.checkpoint()) }
      #expect(checkpoints.count > 4)
      for checkpoint in checkpoints {
        var part = try begin(parameters, held, resuming: checkpoint)
        while part.step() {}
        #expect(part.fit == whole.fit)
        #expect(part.checkpoint() == whole.checkpoint())
      }
    }
  }

  /// In real life: a trial earns a larger budget and goes on from its smaller one.
  @Test func moreTrees_continueAShorterTraining() throws {
    try valid.values.withUnsafeBufferPointer { held in
      var short = try begin(["trees": .integer(4)], held)
      while short.step() {}
      var longer = try begin(["trees": .integer(9)], held, resuming: short.checkpoint())
      #expect(longer.treeCount == 4)
      while longer.step() {}
      var whole = try begin(["trees": .integer(9)], held)
      while whole.step() {}
      #expect(longer.fit == whole.fit)
    }
  }

  @Test func anotherTrainingsCheckpoint_isRefused() throws {
    try valid.values.withUnsafeBufferPointer { held in
      var training = try begin(["trees": .integer(2)], held)
      while training.step() {}
      let bytes = training.checkpoint()
      let foreign = { (error: any Error) in (error as? BoosterError)?.code == .foreignCheckpoint }
      #expect(
        performing: { _ = try begin(["trees": .integer(2)], held, seed: 6, resuming: bytes).treeCount }, throws: foreign
      )
      #expect(
        performing: { _ = try begin(["trees": .integer(2), "l2": .real(2)], held, resuming: bytes).treeCount },
        throws: foreign)
    }
  }

  /// Goal: no bytes end the process, and none that differ are taken. Method: each cut and a flip in each byte.
  @Test func damagedBytes_areRefused() throws {
    try valid.values.withUnsafeBufferPointer { held in
      var training = try begin(["trees": .integer(1), "leaves": .integer(3)], held)
      while training.step() {}
      let bytes = training.checkpoint()
      let refused = { (error: any Error) in
        [.badCheckpoint, .foreignCheckpoint].contains((error as? BoosterError)?.code)
      }
      for count in stride(from: 0, to: bytes.count, by: 7) {
        #expect(
          performing: {
            _ = try begin(["trees": .integer(1), "leaves": .integer(3)], held, resuming: Array(bytes.prefix(count)))
              .treeCount
          },
          throws: refused)
      }
      for index in stride(from: 0, to: bytes.count, by: 5) {
        var changed = bytes
        changed[index] ^= 0x10
        #expect(
          performing: {
            _ = try begin(["trees": .integer(1), "leaves": .integer(3)], held, resuming: changed).treeCount
          },
          throws: refused)
      }
    }
  }

  /// Goal: a checksum is no proof of sense. Method: sound checksums over trees with cycles and indexes out of range.
  @Test func unsoundTrees_areRefused() throws {
    let leaf = Tree(leafValues: [1], leafRowCounts: [1], leafHessians: [1])
    func split(_ left: Int32, _ right: Int32, column: Int32 = 0) -> Tree {
      Tree(
        nodes: [TreeNode(threshold: 0, column: column, left: left, right: right, bin: 1, isMissingLeft: false)],
        leafValues: [1, 2], leafRowCounts: [1, 1], leafHessians: [1, 1], gains: [1], nodeValues: [0],
        nodeRowCounts: [2], nodeHessians: [2])
    }
    #expect(leaf.fault(columnCount: 2) == nil && split(~0, ~1).fault(columnCount: 2) == nil)
    for unsound in [
      split(0, ~1), split(~0, ~0), split(~0, 1), split(~0, ~2), split(~0, ~1, column: 2), split(~0, ~1, column: -1),
      split(.max, ~1), split(.min, ~1), Tree(),
    ] {
      let bytes = BoosterCheckpoint.encode(fingerprint: 3, .init(trees: [unsound], trainLoss: [0]))
      #expect(throws: BoosterError.self) { try BoosterCheckpoint.decode(bytes, fingerprint: 3, columnCount: 2) }
    }
  }
}
