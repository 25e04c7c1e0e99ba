// SPDX-License-Identifier: Apache-2.0

import Sweeps
import Testing

@Suite struct IdentityTests {
  @Test func digest_takesExactly64LowerCaseHexDigits() {
    let hex = String(repeating: "0a", count: 32)
    #expect(ContentDigest(hex: hex)?.hex == hex)
    #expect(ContentDigest(bytes: [UInt8](repeating: 10, count: 32)).hex == hex)
    for bad in [hex + "0", String(hex.dropLast()), hex.uppercased(), String(repeating: "g", count: 64)] {
      #expect(ContentDigest(hex: bad) == nil)
    }
  }

  @Test func attempts_orderByEpochFirst() {
    #expect(Attempt(epoch: 1, number: 9) < Attempt(epoch: 2, number: 1))
    #expect(Attempt(epoch: 2, number: 1) < Attempt(epoch: 2, number: 2))
  }

  @Test func tasks_orderByTrialThenFold() {
    let sweep = SweepID(1)
    let tasks = [(1, 1), (0, 2), (1, 0)].map { TrialTask(sweep: sweep, trial: $0.0, fold: $0.1, rung: 0) }
    #expect(tasks.sorted().map(\.description) == ["1#0/f2/r0", "1#1/f0/r0", "1#1/f1/r0"])
  }

  @Test func incarnation_printsAllItsBits() {
    #expect(Incarnation(high: 1, low: 255).description == "000000000000000100000000000000ff")
  }
}

@Suite struct MeasurementTests {
  private func measurement(
    metrics: [MetricValue] = [MetricValue(name: "valid/auroc", value: 0.8)],
    curve: [CurvePoint] = [CurvePoint(metric: "train/loss", step: 1, value: 0.5)], bestStep: Int = 1
  ) -> Measurement {
    Measurement(metrics: metrics, curve: curve, bestStep: bestStep, trainRowCount: 8, validRowCount: 2, artifacts: [])
  }

  /// Goal: any change of a bit shows. Method: one change of each part, all fingerprints distinct.
  @Test func fingerprint_movesWithEveryPart() {
    let variants = [
      measurement(), measurement(bestStep: 2), measurement(metrics: []), measurement(curve: []),
      measurement(metrics: [MetricValue(name: "valid/auroc", value: 0.8.nextUp)]),
      measurement(metrics: [MetricValue(name: "valid/auprc", value: 0.8)]),
      measurement(curve: [CurvePoint(metric: "train/loss", step: 2, value: 0.5)]),
    ]
    #expect(Set(variants.map(\.fingerprint)).count == variants.count)
    #expect(measurement().fingerprint == measurement().fingerprint)
  }

  /// NaN is a legal metric (AUROC of one class): it must not make a measurement differ from itself.
  @Test func fingerprint_ofNaN_isStable() {
    let one = measurement(metrics: [MetricValue(name: "valid/auroc", value: .nan)])
    #expect(one.fingerprint == one.fingerprint)
  }
}
