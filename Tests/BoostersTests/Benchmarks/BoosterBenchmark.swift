// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Binning, training and prediction times. Tiny in each test run so that it keeps working; in full with MUSTER_BENCH=1 in
/// a release build.
@Suite(.serialized) struct BoosterBenchmark {
  static let isFull = getenv("MUSTER_BENCH").map { String(cString: $0) } == "1"
  static let sizes = isFull ? [(129, 80), (5_000, 80), (58_976, 714)] : [(129, 8)]

  @Test(arguments: sizes)
  func binTrainPredict(rowCount: Int, columnCount: Int) throws {
    let rows = Case(seed: 1, rowCount: rowCount, columnCount: columnCount)
    let options = try BoosterOptions([
      "trees": .integer(Self.isFull ? 100 : 5), "patience": .integer(0), "l2": .real(0),
    ])
    let repeats = !Self.isFull ? 1 : rowCount > 50_000 ? 1 : 7
    var binning = Double.infinity
    var training = Double.infinity
    var predicting = Double.infinity
    var checksum: UInt64 = 0
    for _ in 0..<repeats {
      var start = cpuSeconds()
      let matrix = rows.binned()
      binning = min(binning, cpuSeconds() - start)
      start = cpuSeconds()
      let fit = try fitBooster(
        train: matrix, labels: rows.labels, validation: nil, objective: .binary, options: options, seed: 1
      ) { _, _ in true }
      training = min(training, cpuSeconds() - start)
      start = cpuSeconds()
      let predictions = fit.booster.predict(rows)
      predicting = min(predicting, cpuSeconds() - start)
      checksum = predictions.reduce(0) { $0 &* 31 &+ UInt64($1.bitPattern) }
    }
    #expect(checksum != 0)
    guard Self.isFull else { return }
    print(
      """
      boosters \(rowCount) × \(columnCount), \(options.treeCount) trees, \(options.leafCountMax) leaves, best of \
      \(repeats), CPU ms: binning \(milliseconds(binning)), training \(milliseconds(training)), predicting \
      \(milliseconds(predicting)); checksum \(String(checksum, radix: 16))
      """)
  }

  private func milliseconds(_ seconds: Double) -> Double { (seconds * 1e5).rounded() / 100 }

  private func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
