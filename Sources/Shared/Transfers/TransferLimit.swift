// SPDX-License-Identifier: Apache-2.0

/// What travels at once, and how much either side holds for the other.
package enum TransferLimit {
  /// One message: a quarter of what a frame may hold.
  package static let chunkBytes = 256 << 10
  /// What a fetching side may have on its way to it.
  package static let windowBytesMin = 2 * chunkBytes
  package static let windowBytesMax = 8 << 20
  /// Wants of one peer that wait to be served; more are not heard.
  package static let wantsPerPeerMax = windowBytesMax / chunkBytes
  /// Uploads of one worker, and of all, that the coordinator takes at a time; others are told to wait.
  package static let uploadsPerWorkerMax = 4
  package static let uploadsMax = 16
  /// Of predictions or a model; of a checkpoint.
  package static let artifactBytesMax: Int64 = 256 << 20
  package static let checkpointBytesMax: Int64 = 1 << 30
  /// What all attempts of one task may leave at the coordinator.
  package static let bytesPerTaskMax: Int64 = 4 << 30
}
