// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import RecurrentNets
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Training samples per CPU second: tiny in each run so that it cannot rot, large with MUSTER_BENCH=1.
@Suite(.serialized) struct LSTMBenchmark {
  static let isLarge = getenv("MUSTER_BENCH") != nil

  @Test(arguments: [(32, 64), (64, 32), (128, 64)], LSTMOptions.Decay.allCases)
  func epoch(size: (hidden: Int, batch: Int), decay: LSTMOptions.Decay) throws {
    guard decay != .inverse else { return }
    let (rowCount, stepCount, inputCount) = Self.isLarge ? (1_600, 48, 51) : (8, 3, 4)
    let sample = SequenceSample.noise(
      rowCount: rowCount, stepCount: stepCount, inputCount: inputCount, staticCount: 8, objective: .binary, seed: 1)
    let options = try LSTMOptions([
      "hidden": .integer(Int64(Self.isLarge ? size.hidden : 4)), "batch": .integer(Int64(size.batch)),
      "decay": .text(decay.rawValue), "epochs": .integer(Self.isLarge ? 5 : 1),
    ])
    var start = clock()
    var best = Double.infinity
    var epoch = 0
    let fit = try fitLSTM(
      train: sample.batch, labels: sample.labels, validation: nil, objective: .binary, options: options, seed: 1
    ) { step, _ in
      if step > epoch {
        epoch = step
        best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC))
        start = clock()
      }
      return true
    }
    #expect(fit.trainLoss.allSatisfy { $0.isFinite })
    guard Self.isLarge else { return }
    start = clock()
    let checksum = fit.network.predict(sample.batch).reduce(0, +)
    let forward = Double(clock() - start) / Double(CLOCKS_PER_SEC)
    let rate = { (seconds: Double) in Int(Double(rowCount) / seconds) }
    print(
      "lstm H=\(size.hidden) B=\(size.batch) T=48 I=51 decay=\(decay): epoch of 1,600 rows \(best) s, "
        + "train \(rate(best)), predict \(rate(forward)) samples/s, best of 5, checksum \(checksum)")
  }
}
