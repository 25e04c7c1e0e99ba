// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Mean squared error of the probability (Brier 1950). NaN on no rows.
package func brierScore(_ predictions: [Float], _ labels: [Float]) -> Double {
  mean(predictions, labels) { ($0 - $1) * ($0 - $1) }
}

/// Mean negative log-likelihood, nats a row; probabilities are kept 1e-7 from 0 and 1, which a Float can still tell apart.
package func logLoss(_ predictions: [Float], _ labels: [Float]) -> Double {
  mean(predictions, labels) { prediction, label in
    let probability = min(max(prediction, 1e-7), 1 - 1e-7)
    return -(label * log(probability) + (1 - label) * log(1 - probability))
  }
}

/// Expected calibration error over ten bins of equal width, the last closed: Σ n_b/N · |mean label − mean probability|.
///
/// - Source: Naeini, Cooper & Hauskrecht 2015, section "Bayesian Binning into Quantiles", equation of ECE.
package func expectedCalibrationError(_ predictions: [Float], _ labels: [Float]) -> Double {
  guard !labels.isEmpty else { return .nan }
  var gaps = [Double](repeating: 0, count: 10)
  for (prediction, label) in zip(predictions, labels) {
    guard prediction.isFinite else { return .nan }
    gaps[min(max(Int(prediction * 10), 0), 9)] += Double(label) - Double(prediction)
  }
  return gaps.reduce(0) { $0 + abs($1) } / Double(labels.count)
}

/// In the label's unit.
package func rootMeanSquaredError(_ predictions: [Float], _ labels: [Float]) -> Double {
  mean(predictions, labels) { ($0 - $1) * ($0 - $1) }.squareRoot()
}

/// In the label's unit.
package func meanAbsoluteError(_ predictions: [Float], _ labels: [Float]) -> Double {
  mean(predictions, labels) { abs($0 - $1) }
}

/// Share of the labels' variance that is explained: 1 − Σ(y − p)²/Σ(y − ȳ)². NaN where the labels do not vary.
package func r2(_ predictions: [Float], _ labels: [Float]) -> Double {
  let center = labels.reduce(0.0) { $0 + Double($1) } / Double(labels.count)
  let total = labels.reduce(0.0) { $0 + (Double($1) - center) * (Double($1) - center) }
  guard total > 0 else { return .nan }
  return 1 - mean(predictions, labels) { ($0 - $1) * ($0 - $1) } * Double(labels.count) / total
}

/// In doubles and in the order of the rows, so that equal inputs give equal bits.
private func mean(_ predictions: [Float], _ labels: [Float], _ loss: (Double, Double) -> Double) -> Double {
  guard !labels.isEmpty else { return .nan }
  var sum = 0.0
  for (prediction, label) in zip(predictions, labels) { sum += loss(Double(prediction), Double(label)) }
  return sum / Double(labels.count)
}
