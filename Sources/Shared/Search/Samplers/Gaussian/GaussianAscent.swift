// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The point of largest expected improvement among those that it is shown.
struct GaussianAscent {
  /// What is cheap to know of a point.
  struct Glance {
    let point: [Double]
    let covariances: [Double]
    let gain: Double
    /// Log of the expected improvement, or more.
    let worthMax: Double
  }

  private let process: GaussianProcess
  private let best: Double
  private(set) var chosen: (worth: Double, point: [Double])?

  init(_ process: GaussianProcess, best: Double) {
    self.process = process
    self.best = best
  }

  func glance(_ point: [Double]) -> Glance {
    let seen = process.glance(point)
    let gain = best - seen.mean
    // Improvement grows with the variance.
    return Glance(
      point: point, covariances: seen.covariances, gain: gain,
      worthMax: logImprovement(gain, seen.varianceMax.squareRoot()))
  }

  mutating func consider(_ glance: Glance) {
    if let chosen, glance.worthMax <= chosen.worth { return }
    let least = chosen?.worth ?? -.infinity
    let variance = process.variance(glance.covariances) { logImprovement(glance.gain, $0.squareRoot()) > least }
    guard let variance else { return }
    let worth = logImprovement(glance.gain, variance.squareRoot())
    if worth > least { chosen = (worth, glance.point) }
  }
}

/// log E[max(0, gain + s·Z)]: exact where it can be computed, by its tail beyond.
private func logImprovement(_ gain: Double, _ s: Double) -> Double {
  let z = gain / s
  let density = exp(-0.5 * z * z) * 0.3989422804014327
  if z > -6 {
    let share = 0.5 * erfc(-z / 2.0.squareRoot())
    return log(max(s * (z * share + density), 1e-300))
  }
  return log(s) - 0.5 * z * z - 0.9189385332046727 - 2 * log(-z)
}
