// SPDX-License-Identifier: Apache-2.0

import Crypto
import Hyperparameters
import Sweeps

/// Where a task's training stood after a step: what its learner needs to go on to the identical result.
struct Checkpoint: Hashable, Sendable {
  /// Trees, epochs or iterations done.
  let step: Int
  /// The learner's own state.
  let state: [UInt8]
}

/// Names the question that a checkpoint half answers. Two attempts share a checkpoint exactly when an undisturbed run of
/// either gives the same bits: same order and fold, same code, same machine type.
struct CheckpointKey: Hashable, Sendable {
  let digest: ContentDigest

  init(_ assignment: Assignment, codeVersion: String, machineType: String) {
    let order = assignment.order
    let folds = order.folds
    // One line a fact, so that no two facts can run together.
    let text = [
      "muster checkpoint 1", codeVersion, machineType, order.dataset.hex, order.outcome.rawValue,
      order.learner.rawValue, order.parameters.json,
      "\(folds.scheme.rawValue) \(folds.foldCount) \(folds.repeatCount) \(folds.seed)",
      folds.testSet.map { "test \($0.partCount) \($0.first) \($0.count) \($0.seed)" } ?? "no test",
      folds.isFinal ? "final" : "fold",
      "\(order.trial) \(assignment.fold) \(assignment.rung) \(order.seed)",
      assignment.stepRule.map { "looks \($0.metric) \($0.places.map(\.step))" } ?? "no looks",
    ].joined(separator: "\n")
    digest = ContentDigest(bytes: SHA256.hash(data: Array(text.utf8)))
  }
}

/// A checkpoint as a file: 8 bytes of magic, step (8, little-endian), byte count of the state (8), SHA-256 of key, step and
/// state (32), state.
enum CheckpointFile {
  static let magic = Array("MUSTERC1".utf8)
  static let headerByteCount = 8 + 8 + 8 + 32

  static func encode(_ checkpoint: Checkpoint, for key: CheckpointKey) -> [UInt8] {
    var bytes = magic
    append(UInt64(checkpoint.step), to: &bytes)
    append(UInt64(checkpoint.state.count), to: &bytes)
    bytes += seal(checkpoint, for: key)
    return bytes + checkpoint.state
  }

  /// `nil` for bytes that are no whole checkpoint of this task: torn, flipped, of another task, of another format.
  static func decode(_ bytes: [UInt8], for key: CheckpointKey) -> Checkpoint? {
    guard bytes.count >= headerByteCount, Array(bytes[..<8]) == magic else { return nil }
    let (step, count) = (word(bytes, at: 8), word(bytes, at: 16))
    guard let step = Int(exactly: step), count == UInt64(bytes.count - headerByteCount) else { return nil }
    let checkpoint = Checkpoint(step: step, state: Array(bytes[headerByteCount...]))
    return Array(bytes[24..<headerByteCount]) == seal(checkpoint, for: key) ? checkpoint : nil
  }

  private static func seal(_ checkpoint: Checkpoint, for key: CheckpointKey) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: Array(key.digest.hex.utf8))
    var step: [UInt8] = []
    append(UInt64(checkpoint.step), to: &step)
    hash.update(data: step)
    hash.update(data: checkpoint.state)
    return Array(hash.finalize())
  }

  private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
  }

  private static func word(_ bytes: [UInt8], at offset: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }
}
