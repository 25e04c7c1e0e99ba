// SPDX-License-Identifier: Apache-2.0

import Sweeps
import SwiftProtobuf

extension Muster_V1_Result {
  init(_ taskAttempt: TaskAttempt, _ result: FoldResult) {
    let measurement = result.measurement
    self.taskAttempt = Muster_V1_TaskAttempt(taskAttempt)
    metrics = measurement.metrics.map { metric in
      .with {
        $0.name = metric.name
        $0.value = metric.value
      }
    }
    curves = Self.runs(of: measurement.curve)
    bestStep = Int64(measurement.bestStep)
    trainRowCount = Int64(measurement.trainRowCount)
    validRowCount = Int64(measurement.validRowCount)
    artifacts = measurement.artifacts.map { Muster_V1_Artifact($0) }
    wallMilliseconds = result.cost.wallMilliseconds
    cpuMilliseconds = result.cost.cpuMilliseconds
    residentBytesPeak = result.cost.residentBytesPeak
    resumedStep = Int64(result.cost.resumedStep)
    if !measurement.scoreBins.isEmpty { scoreBins = Muster_V1_ScoreBins(measurement.scoreBins) }
  }

  func value() throws(WireError) -> FoldResult {
    let metrics = try list(metrics, "metrics", max: WireLimit.metrics) { (metric) throws(WireError) in
      MetricValue(name: try name(metric.name, "metric", isMetric: true), value: metric.value)
    }
    let artifacts = try list(artifacts, "artifacts", max: WireLimit.artifacts) { (artifact) throws(WireError) in
      try artifact.value()
    }
    let measurement = Measurement(
      metrics: metrics, curve: try points(), bestStep: try count(bestStep, "best_step"),
      trainRowCount: try count(trainRowCount, "train_row_count"),
      validRowCount: try count(validRowCount, "valid_row_count"), artifacts: artifacts,
      scoreBins: try scoreBins.value())
    let cost = Cost(
      wallMilliseconds: try notNegative(wallMilliseconds, "wall_milliseconds"),
      cpuMilliseconds: try notNegative(cpuMilliseconds, "cpu_milliseconds"),
      residentBytesPeak: try notNegative(residentBytesPeak, "resident_bytes_peak"),
      resumedStep: try count(resumedStep, "resumed_step"))
    return FoldResult(measurement: measurement, cost: cost)
  }

  /// One metric's points side by side: 10 bytes a point where one message each takes 30. The order stays.
  private static func runs(of points: [CurvePoint]) -> [Muster_V1_Curve] {
    var curves: [Muster_V1_Curve] = []
    for point in points {
      if curves.last?.metric != point.metric { curves.append(.with { $0.metric = point.metric }) }
      curves[curves.count - 1].steps.append(Int64(point.step))
      curves[curves.count - 1].values.append(point.value)
    }
    return curves
  }

  private func points() throws(WireError) -> [CurvePoint] {
    var points: [CurvePoint] = []
    for curve in curves {
      let metric = try name(curve.metric, "curve metric", isMetric: true)
      guard curve.steps.count == curve.values.count else {
        throw .outOfRange(field: "curves", expected: "a value for each step")
      }
      guard points.count + curve.steps.count <= WireLimit.curvePoints else {
        throw .outOfRange(field: "curves", expected: "at most \(WireLimit.curvePoints) points")
      }
      for (step, value) in zip(curve.steps, curve.values) {
        points.append(CurvePoint(metric: metric, step: try count(step, "curve step"), value: value))
      }
    }
    return points
  }
}

extension Muster_V1_ScoreBins {
  fileprivate init(_ bins: [ScoreBin]) {
    lows = bins.map(\.low)
    rowCounts = bins.map { Int64($0.rowCount) }
    predictions = bins.map(\.prediction)
    labelSums = bins.map(\.labelSum)
  }

  /// A worker that lies cannot have a few patients' rows recorded: a bin of less than 11 is refused with its message.
  fileprivate func value() throws(WireError) -> [ScoreBin] {
    let binCount = lows.count
    guard binCount <= WireLimit.scoreBins,
      [rowCounts.count, predictions.count, labelSums.count] == [binCount, binCount, binCount]
    else { throw .outOfRange(field: "score_bins", expected: "at most \(WireLimit.scoreBins) bins, equal lists") }
    var bins: [ScoreBin] = []
    for index in 0..<binCount {
      guard lows[index].isFinite, predictions[index].isFinite, labelSums[index].isFinite,
        index == 0 || lows[index - 1] < lows[index]
      else { throw .outOfRange(field: "score_bins", expected: "finite numbers, bounds ascending") }
      bins.append(
        ScoreBin(
          low: lows[index],
          rowCount: try count(rowCounts[index], "score_bins row count", min: Int64(ScoreBin.rowCountMin)),
          prediction: predictions[index], labelSum: labelSums[index]))
    }
    return bins
  }
}

extension Muster_V1_Artifact {
  init(_ artifact: ArtifactReference) {
    kind =
      switch artifact.kind {
      case .predictions: .predictions
      case .model: .model
      case .checkpoint: .checkpoint
      }
    digest = bytes(artifact.digest)
    byteCount = artifact.byteCount
  }

  func value() throws(WireError) -> ArtifactReference {
    let kind: ArtifactReference.Kind
    switch self.kind {
    case .predictions: kind = .predictions
    case .model: kind = .model
    case .checkpoint: kind = .checkpoint
    case .unspecified, .UNRECOGNIZED:
      throw .outOfRange(field: "artifact kind", expected: "a kind that this version knows")
    }
    return ArtifactReference(
      kind: kind, digest: try WireProtocol.digest(digest, "artifact digest"),
      byteCount: try notNegative(byteCount, "byte_count"))
  }
}
