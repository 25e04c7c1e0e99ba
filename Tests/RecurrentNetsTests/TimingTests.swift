// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import RecurrentNets

/// In real life: a fever matters where nobody looked at the patient for half a day after it, and not where somebody came
/// within the hour; the values are the same.
@Suite struct TimingTests {
  struct Mechanism: Sendable, CustomTestStringConvertible {
    var name: String
    var options: Parameters
    var knowsTime = true
    var testDescription: String { name }
  }

  static let mechanisms: [Mechanism] = [
    .init(name: "plain LSTM", options: ["decay": .text("none")], knowsTime: false),
    .init(name: "T-LSTM, 1/log(e + Δ)", options: ["decay": .text("log")]),
    .init(name: "T-LSTM, learned rates", options: ["decay": .text("exponential")]),
    .init(name: "time encoding", options: ["decay": .text("none"), "time_encoding": .integer(4)]),
    .init(name: "decay toward the mean", options: ["decay": .text("none"), "mean_decay": .flag(true)]),
  ]

  /// Goal: each mechanism learns what only the clock tells, AUROC at least 0.9 on rows that were held out; without one there
  /// is nothing to learn and it stays under 0.7.
  @Test(arguments: mechanisms)
  func timeAwareNetworks_learnTiming_andThePlainOneCannot(mechanism: Mechanism) throws {
    let decaysToMean = mechanism.options["mean_decay"] != nil
    let train = SequenceSample.timed(rowCount: 1_200, hasAges: decaysToMean, seed: 71)
    let held = SequenceSample.timed(rowCount: 800, hasAges: decaysToMean, seed: 72)
    let options = try LSTMOptions(
      Parameters(
        Self.fixed.entries + mechanism.options.entries))
    let fit = try fitLSTM(
      train: train.batch, labels: train.labels, validation: nil, objective: .binary, options: options, seed: 7,
      progress: { _, _ in true })
    let area = areaUnderCurve(fit.network.predict(held.batch), held.labels)
    #expect(mechanism.knowsTime ? area >= 0.9 : area < 0.7, "\(mechanism.name): AUROC \(area)")
  }

  static let fixed: Parameters = [
    "hidden": .integer(16), "batch": .integer(32), "epochs": .integer(25), "learning_rate": .real(0.01),
    "dropout": .real(0), "schedule": .text("cosine"),
  ]
}

extension SequenceSample {
  /// Twelve steps of two channels, one of which peaks once. Steps follow each other within two hours or after more than
  /// twelve, at random; positive where the step after the peak is a late one. With `hasAges` each channel also has a mask and
  /// an age, for decay toward the mean.
  static func timed(
    rowCount: Int, hasAges: Bool, seed: UInt64
  ) -> (batch: SequenceBatch, labels: [Float]) {
    var random = CounterGenerator(key: derivedSeed(seed, .synthesis))
    let (steps, channels) = (12, 2)
    let width = hasAges ? 3 * channels : channels
    var batch = SequenceBatch(
      inputs: [Float](repeating: 0, count: rowCount * steps * width),
      elapsed: [Float](repeating: 0, count: rowCount * steps), statics: [], rowCount: rowCount, stepCount: steps,
      inputCount: width, staticCount: 0, channelCount: hasAges ? channels : 0)
    var labels: [Float] = []
    for row in 0..<rowCount {
      let peak = random.below(steps - 1)
      var isLate = false
      for step in 0..<steps {
        let cell = row * steps + step
        let late = random.below(2) == 1
        let hours = late ? 12 + 36 * random.uniform() : 0.25 + 1.75 * random.uniform()
        batch.elapsed[cell] = Float(hours)
        if step == peak + 1 { isLate = late }
        for channel in 0..<channels {
          batch.inputs[cell * width + channel] = Float(0.5 * random.normal() + (step == peak && channel == 0 ? 4 : 0))
          guard hasAges else { continue }
          batch.inputs[cell * width + channels + channel] = 1
          batch.inputs[cell * width + 2 * channels + channel] = Float(hours / 48)
        }
      }
      labels.append(isLate ? 1 : 0)
    }
    return (batch, labels)
  }
}
