// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import LinearModels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// CPU seconds of a fit: tiny in each run so that it cannot rot, large with MUSTER_BENCH=1.
@Suite(.serialized) struct LinearBenchmark {
  static let isLarge = getenv("MUSTER_BENCH") != nil

  @Test(arguments: [ObjectiveKind.binary, .regression], [0, 0.01])
  func fit(objective: ObjectiveKind, l1: Double) throws {
    for (rowCount, columnCount) in Self.isLarge ? [(2_000, 300), (20_000, 714)] : [(64, 20)] {
      let sample = LinearSample(rowCount: rowCount, columnCount: columnCount, objective: objective, seed: 1)
      var best = Double.infinity
      var checksum = 0.0
      for _ in 0..<(Self.isLarge ? 3 : 1) {
        let start = clock()
        let fit = try sample.fit(objective, ["l1": .real(l1)])
        best = min(best, Double(clock() - start) / Double(CLOCKS_PER_SEC))
        checksum = fit.loss.last ?? 0
        #expect(fit.isConverged)
      }
      if Self.isLarge {
        print("linear \(objective) l1=\(l1) N=\(rowCount) F=\(columnCount): \(best) s, best of 3, loss \(checksum)")
      }
    }
  }
}
