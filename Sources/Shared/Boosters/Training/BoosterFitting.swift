// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Fits gradient-boosted trees from the first to the last: `BoosterTraining` in one call.
///
/// - Parameters:
///   - progress: called after each tree with the trees grown and their largest number; false cancels.
/// - Throws: `cancelled`, and what `BoosterTraining.init` throws.
package func fitBooster(
  train: BinnedMatrix, labels: [Float], validation: (values: UnsafeBufferPointer<Float>, labels: [Float])?,
  objective: ObjectiveKind, options: BoosterOptions, seed: UInt64, monotone: [Int8] = [],
  stoppingScore: (([Float], [Float]) -> Double)? = nil, threads: BoosterThreads = .one,
  histogramByteCountMax: Int = 256 << 20, progress: (Int, Int) -> Bool
) throws(BoosterError) -> BoosterFit {
  var training = try BoosterTraining(
    train: train, labels: labels, validation: validation, objective: objective, options: options, seed: seed,
    monotone: monotone, stoppingScore: stoppingScore, threads: threads, histogramByteCountMax: histogramByteCountMax)
  while training.step() {
    guard progress(training.treeCount, options.treeCount) else { throw .cancelled }
  }
  return training.fit
}
