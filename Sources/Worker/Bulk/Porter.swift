// SPDX-License-Identifier: Apache-2.0

import Sweeps
import Training

/// What the trainer needs of the bulk socket: sound data before a fold, its artifacts at the coordinator after it.
struct Porter: Sendable {
  /// `nil` without keys: then everything is on this machine.
  let client: BulkClient?
  /// Data sets that lie in the cache, and can be fetched again.
  let isCached: @Sendable (ContentDigest) -> Bool
  let store: ArtifactStore
  /// Artifacts are kept nowhere but at the coordinator.
  let removesDelivered: Bool

  /// Trains; where a cached data set turns out to be damaged, mends it and trains again, once. The fold did not fail: a disk
  /// did, and what it lost can be had again.
  func withSoundData<Value>(
    _ dataset: ContentDigest, isWanted: () -> Bool, _ train: () throws(TrainingError) -> Value
  ) throws(TrainingError) -> Value {
    do throws(TrainingError) {
      return try train()
    } catch {
      guard error.failureReport?.kind == .dataset, let client, isCached(dataset) else { throw error }
      guard client.mend(dataset, isWanted: isWanted) else { throw error }
      return try train()
    }
  }

  /// Before the result that names them is sent: what a recorded result names is at the coordinator.
  ///
  /// - Throws: `.failed(.resources, …)` for one that the coordinator never takes; `.cancelled` when no one waits any more.
  func deliver(
    _ attempt: TaskAttempt, _ artifacts: [ArtifactReference], isWanted: () -> Bool
  ) throws(TrainingError) {
    guard let client else { return }
    for artifact in artifacts {
      let path = store.path(of: artifact.digest)
      switch client.deliver(attempt, artifact, path: path, isWanted: isWanted) {
      case .stored: if removesDelivered { store.remove(artifact.digest) }
      case .noSocket: return
      case .unwanted: throw .cancelled
      // Another worker of this host made the same bytes and has delivered them since.
      case .refused(.unknown) where removesDelivered && !store.holds(artifact.digest): continue
      // Another's result is recorded, or the task was called off: the answer to this one's will say so.
      case .refused(.notHeld): return
      case .refused(let refusal):
        throw .failed(
          .resources,
          "the coordinator does not take its \(artifact.kind.rawValue) of \(artifact.byteCount) bytes: "
            + refusal.rawValue)
      }
    }
  }
}

/// Checkpoints by way of the bulk socket.
func checkpointExchange(_ client: BulkClient) -> CheckpointExchange {
  CheckpointExchange(
    fetch: { client.find($0, key: $1, path: $2) },
    offer: { attempt, key, path, isLast in client.offerCheckpoint(attempt, key: key, path: path, waits: isLast) })
}
