// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import RecurrentNets

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Peak memory of one epoch over full-MIMIC-shaped rows, 59,000 × 48 × 76: made when a mini-batch asks for them, as
/// `Training` reads its mapped shards, and ragged in arrays. Tiny in each run; with MUSTER_BENCH=1 at size, to be run alone.
@Suite(.serialized) struct MemoryBenchmark {
  static let isLarge = getenv("MUSTER_BENCH") != nil

  /// Rows that are a function of their number.
  struct Made: SequenceRows {
    let rowCount: Int
    let stepCount: Int
    let inputCount: Int
    var staticCount: Int { 4 }
    var channelCount: Int { 0 }

    func length(_ row: Int) -> Int { 1 + row * 31 % stepCount }

    func copy(_ row: Int, to places: SequencePlaces) {
      var random = CounterGenerator(key: UInt64(row))
      for step in 0..<length(row) {
        let cell = places.cell(step)
        places.elapsed[cell] = Float(step % 5)
        var bits = random.next()
        for column in 0..<inputCount {
          bits = bits &* 6_364_136_223_846_793_005 &+ 1
          places.inputs[cell * places.inputStride + column] = Float(bits >> 40) * 0x1p-23 - 1
        }
      }
      for column in 0..<staticCount { places.statics[column] = Float(row % (column + 2)) }
    }

    func check(_ name: String) throws(RecurrentNetError) {}
  }

  private func peakMegabytes() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1_024
  }

  @Test func oneEpoch_onDemandAndRagged() throws {
    let rows = Made(
      rowCount: Self.isLarge ? 59_000 : 40, stepCount: Self.isLarge ? 48 : 5, inputCount: Self.isLarge ? 76 : 3)
    let options = try LSTMOptions(["hidden": .integer(32), "batch": .integer(64), "epochs": .integer(1)])
    let labels = (0..<rows.rowCount).map { Float($0 % 8 == 0 ? 1 : 0) }
    let before = peakMegabytes()
    var training = try LSTMTraining(
      train: rows, targets: [.init(labels: labels, objective: .binary)], validation: nil, options: options, seed: 1)
    try training.runEpoch { _, _ in true }
    let onDemand = peakMegabytes()
    let whole = ragged(rows)
    var second = try LSTMTraining(
      train: whole, targets: [.init(labels: labels, objective: .binary)], validation: nil, options: options, seed: 1)
    try second.runEpoch { _, _ in true }
    // The same rows, wherever they lie, make the same network.
    #expect(training.fit.network.parameters == second.fit.network.parameters)
    guard Self.isLarge else { return }
    print(
      "BENCH {\"side\":\"muster\",\"kind\":\"memory\",\"rows\":59000,\"before_mb\":\(before),"
        + "\"on_demand_mb\":\(onDemand),\"ragged_mb\":\(peakMegabytes())}")
  }

  private func ragged(_ rows: Made) -> SequenceBatch {
    let lengths = (0..<rows.rowCount).map { rows.length($0) }
    var (inputs, elapsed, statics): ([Float], [Float], [Float]) = ([], [], [])
    let cells = lengths.reduce(0, +)
    inputs.reserveCapacity(cells * rows.inputCount)
    elapsed.reserveCapacity(cells)
    let reader = RowReader(rows)
    for row in 0..<rows.rowCount {
      reader.read(row)
      let values = reader.values
      let count = lengths[row] * rows.inputCount
      inputs.append(contentsOf: values[0..<count])
      elapsed.append(contentsOf: values[count..<count + lengths[row]])
      statics.append(contentsOf: values.suffix(rows.staticCount))
    }
    return SequenceBatch(
      inputs: inputs, elapsed: elapsed, statics: statics, lengths: lengths, inputCount: rows.inputCount,
      staticCount: rows.staticCount)
  }
}
