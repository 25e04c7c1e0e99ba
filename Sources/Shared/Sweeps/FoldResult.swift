// SPDX-License-Identifier: Apache-2.0

/// What training a task gave: the measurement, equal to the bit on every run, and the cost, which is not.
package struct FoldResult: Hashable, Sendable {
  package let measurement: Measurement
  package let cost: Cost

  package init(measurement: Measurement, cost: Cost) {
    self.measurement = measurement
    self.cost = cost
  }
}

/// The deterministic part of a result.
package struct Measurement: Hashable, Sendable {
  /// Scores on the held-out fold, ascending by name ("valid/auroc"). Not finite where undefined (AUROC of one class).
  package let metrics: [MetricValue]
  /// Learning curves, ascending by (metric, step).
  package let curve: [CurvePoint]
  /// The step (tree, epoch, iteration; from 1) whose model made the predictions.
  package let bestStep: Int
  package let trainRowCount: Int
  package let validRowCount: Int
  package let artifacts: [ArtifactReference]
  /// Held-out rows by score, ascending; empty where there are too few to show. Follows from the predictions, whose digest is
  /// in the fingerprint: it adds nothing to that.
  package let scoreBins: [ScoreBin]

  package init(
    metrics: [MetricValue], curve: [CurvePoint], bestStep: Int, trainRowCount: Int, validRowCount: Int,
    artifacts: [ArtifactReference], scoreBins: [ScoreBin] = []
  ) {
    self.scoreBins = scoreBins
    self.metrics = metrics
    self.curve = curve
    self.bestStep = bestStep
    self.trainRowCount = trainRowCount
    self.validRowCount = validRowCount
    self.artifacts = artifacts
  }

  package func metric(_ name: String) -> Double? { metrics.first { $0.name == name }?.value }

  /// 64 bits that differ, but for one chance in 2⁶⁴, when any bit of the measurement differs. Two attempts at one task
  /// must agree in it; where they don't, training was not deterministic and someone must act.
  ///
  /// - Source: FNV-1a, Fowler, Noll & Vo.
  package var fingerprint: UInt64 {
    var hash = Fingerprint()
    for metric in metrics {
      hash.add(metric.name)
      hash.add(metric.value.bitPattern)
    }
    for point in curve {
      hash.add(point.metric)
      hash.add(UInt64(bitPattern: Int64(point.step)))
      hash.add(point.value.bitPattern)
    }
    for count in [bestStep, trainRowCount, validRowCount] { hash.add(UInt64(bitPattern: Int64(count))) }
    for artifact in artifacts {
      hash.add(artifact.kind.rawValue)
      hash.add(artifact.digest.hex)
    }
    return hash.value
  }
}

package struct MetricValue: Hashable, Sendable {
  package let name: String
  package let value: Double

  package init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}

/// Held-out rows whose scores lie between `low` and the next bin's: what ROC, precision-recall and calibration are drawn
/// from. Never of fewer than 11 rows, nor of 1 to 10 of one class.
package struct ScoreBin: Hashable, Sendable {
  package static let rowCountMin = 11

  /// Of a grid that no data set decides, so it is no row's own score.
  package let low: Float
  package let rowCount: Int
  /// Mean.
  package let prediction: Float
  /// The positives, where the label is 0 or 1.
  package let labelSum: Double

  package init(low: Float, rowCount: Int, prediction: Float, labelSum: Double) {
    self.low = low
    self.rowCount = rowCount
    self.prediction = prediction
    self.labelSum = labelSum
  }
}

package struct CurvePoint: Hashable, Sendable {
  package let metric: String
  package let step: Int
  package let value: Double

  package init(metric: String, step: Int, value: Double) {
    self.metric = metric
    self.step = step
    self.value = value
  }
}

/// A file in the artifact store, by content. Predictions by row live there and never in the tracker.
package struct ArtifactReference: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Hashable, Sendable {
    case predictions
    case model
    case checkpoint
  }

  package let kind: Kind
  package let digest: ContentDigest
  package let byteCount: Int64

  package init(kind: Kind, digest: ContentDigest, byteCount: Int64) {
    self.kind = kind
    self.digest = digest
    self.byteCount = byteCount
  }
}

/// What a result cost where it was made. Never part of a decision.
package struct Cost: Hashable, Sendable {
  package let wallMilliseconds: Int64
  package let cpuMilliseconds: Int64
  package let residentBytesPeak: Int64
  /// The step of the checkpoint that the attempt went on from; 0 for one that began anew.
  package let resumedStep: Int

  package init(wallMilliseconds: Int64, cpuMilliseconds: Int64, residentBytesPeak: Int64, resumedStep: Int = 0) {
    self.resumedStep = resumedStep
    self.wallMilliseconds = wallMilliseconds
    self.cpuMilliseconds = cpuMilliseconds
    self.residentBytesPeak = residentBytesPeak
  }
}

private struct Fingerprint {
  var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

  mutating func add(_ word: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
  }

  mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
    add(UInt64(text.utf8.count))
  }
}
