// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The step size of each mini-batch: a line from 0 during the warm-up, then constant, half a cosine down to 0, or halved
/// whenever two epochs in a row brought nothing better.
///
/// - Source: Goyal et al. 2017, section 2.2 (warm-up); Loshchilov & Hutter 2017, formula 5 without restarts.
struct StepSizes: Hashable, Sendable {
  let learningRate: Double
  let schedule: LSTMOptions.Schedule
  let warmupEpochs: Double
  let epochCount: Int
  /// How often the plateau schedule has halved.
  private(set) var halvingCount = 0
  private(set) var waitingCount = 0

  static let plateauEpochs = 2

  init(_ options: LSTMOptions) {
    learningRate = options.learningRate
    schedule = options.schedule
    warmupEpochs = options.warmupEpochs
    epochCount = options.epochCount
  }

  /// - Parameters:
  ///   - batch: of `batchCount` mini-batches of the epoch, from 0.
  func size(epoch: Int, batch: Int, batchCount: Int) -> Double {
    let done = Double(epoch) + Double(batch + 1) / Double(batchCount)
    if done < warmupEpochs { return learningRate * done / warmupEpochs }
    switch schedule {
    case .constant: return learningRate
    case .cosine:
      let before = Double(epoch) + Double(batch) / Double(batchCount)
      let left = max(Double(epochCount) - warmupEpochs, 1e-9)
      let share = min(max((before - warmupEpochs) / left, 0), 1)
      return learningRate * 0.5 * (1 + cos(Double.pi * share))
    case .plateau: return learningRate * pow(0.5, Double(halvingCount))
    }
  }

  /// To be told after each epoch.
  mutating func endEpoch(isBetter: Bool) {
    waitingCount = isBetter ? 0 : waitingCount + 1
    guard schedule == .plateau, waitingCount >= Self.plateauEpochs else { return }
    waitingCount = 0
    halvingCount += 1
  }

  mutating func restore(halvingCount: Int, waitingCount: Int) {
    (self.halvingCount, self.waitingCount) = (halvingCount, waitingCount)
  }
}
