// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@testable import RecurrentNets

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Training and prediction in samples per CPU second: tiny in each run so that it cannot rot, large with MUSTER_BENCH=1.
/// `make bench-recurrent` runs it beside PyTorch; the lines are JSON for it to read.
@Suite(.serialized) struct LSTMBenchmark {
  static let isLarge = getenv("MUSTER_BENCH") != nil

  struct Setting: Sendable, CustomTestStringConvertible {
    var name: String
    var hidden: Int
    var batch: Int
    var decay = "none"
    var attention = "linear"
    /// Mini-batches of an epoch: so few stay in the caches, as the peer's single mini-batch does.
    var batchCount = 4
    var testDescription: String { name }
  }

  static let settings: [Setting] = [
    .init(name: "train", hidden: 16, batch: 8),
    .init(name: "train", hidden: 64, batch: 32),
    .init(name: "train", hidden: 128, batch: 64),
    .init(name: "train", hidden: 256, batch: 128),
    .init(name: "train_epochs", hidden: 16, batch: 8, batchCount: 256),
    .init(name: "train_epochs", hidden: 64, batch: 32, batchCount: 64),
    .init(name: "train_epochs", hidden: 128, batch: 64, batchCount: 32),
    .init(name: "train_tlstm", hidden: 64, batch: 32, decay: "log"),
    .init(name: "train_additive", hidden: 64, batch: 32, attention: "additive"),
  ]

  /// CPU seconds of this process.
  private func now() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  private func rows(_ count: Int) -> (batch: SequenceBatch, labels: [Float]) {
    SequenceSample.noise(
      rowCount: count, stepCount: Self.isLarge ? 48 : 3, inputCount: Self.isLarge ? 76 : 4, staticCount: 0,
      objective: .binary, seed: 1)
  }

  /// Forward + backward + Adam over whole epochs, gathering rows and shuffling included.
  @Test(arguments: settings)
  func training(setting: Setting) throws {
    let rowCount = Self.isLarge ? setting.batch * setting.batchCount : 8
    let sample = rows(rowCount)
    let options = try LSTMOptions([
      "hidden": .integer(Int64(Self.isLarge ? setting.hidden : 4)), "batch": .integer(Int64(setting.batch)),
      "decay": .text(setting.decay), "attention": .text(setting.attention), "dropout": .real(0),
      "epochs": .integer(10_000), "learning_rate": .real(0.001),
    ])
    var training = try LSTMTraining(
      train: sample.batch, labels: sample.labels, validation: nil, objective: .binary, options: options, seed: 1)
    try training.runEpoch { _, _ in true }
    var times: [Double] = []
    let repeats = Self.isLarge ? 5 : 1
    for _ in 0..<repeats {
      let start = now()
      var epochs = 0
      // Not after each: a look at the CPU's clock takes as long as a tenth of the smallest mini-batch.
      let epochsALook = Self.isLarge ? max(1, 32 / setting.batchCount) : 1
      repeat {
        for _ in 0..<epochsALook { try training.runEpoch { _, _ in true } }
        epochs += epochsALook
      } while now() - start < (Self.isLarge ? 0.2 : 0)
      times.append((now() - start) / Double(epochs))
    }
    #expect(training.fit.trainLoss.allSatisfy { $0.isFinite })
    #expect(!training.isFinished, "epochs that were not run were timed")
    guard Self.isLarge else { return }
    let median = times.sorted()[repeats / 2]
    let flops = 48.0 * (2 * 76 * 4 * 2 + 2 * Double(setting.hidden) * 4 * 3) * Double(setting.hidden)
    report(
      setting.name, setting.hidden, setting.batch,
      "\"sps\":\(Double(rowCount) / median),\"gflops\":\(Double(rowCount) * flops / median / 1e9),"
        + "\"checksum\":\(training.fit.network.predict(sample.batch).reduce(0, +))")
  }

  /// One patient at a time, the network kept ready.
  @Test(arguments: [16, 64, 128, 256])
  func inference(hidden: Int) throws {
    let sample = rows(64)
    let options = try LSTMOptions([
      "hidden": .integer(Int64(Self.isLarge ? hidden : 4)), "decay": .text("none"), "attention": .text("linear"),
      "epochs": .integer(1),
    ])
    let network = try fitLSTM(
      train: sample.batch, labels: sample.labels, validation: nil, objective: .binary, options: options, seed: 1,
      progress: { _, _ in true }
    ).network
    let predictor = RecurrentPredictor(network, rowCountMax: 1, stepCountMax: sample.batch.stepCount)
    var times: [Double] = []
    var checksum: Float = 0
    for index in 0..<(Self.isLarge ? 4_000 : 1) {
      var before = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before)
      checksum += predictor.predict(sample.batch, rows: [index % 64])[0]
      var after = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after)
      times.append(Double(after.tv_sec - before.tv_sec) + Double(after.tv_nsec - before.tv_nsec) * 1e-9)
    }
    #expect(checksum.isFinite)
    guard Self.isLarge else { return }
    times.sort()
    report(
      "infer", hidden, 1,
      "\"sps\":\(1 / times[times.count / 2]),\"p99_ms\":\(1e3 * times[times.count * 99 / 100]),"
        + "\"checksum\":\(checksum)")
  }

  private func report(_ kind: String, _ hidden: Int, _ batch: Int, _ rest: String) {
    print("BENCH {\"side\":\"muster\",\"kind\":\"\(kind)\",\"H\":\(hidden),\"B\":\(batch),\(rest)}")
  }
}
