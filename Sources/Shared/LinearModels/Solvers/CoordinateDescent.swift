// SPDX-License-Identifier: Apache-2.0

/// Minimises  g·d + ½ dᵀHd + l1·‖w + d‖₁  over d by cyclic coordinate descent; the last coordinate is not penalised.
///
/// The slopes g + Hd are kept current ("covariance updates"), so a coordinate that stays where it is costs O(1) and one
/// that moves O(K).
///
/// - Source: Friedman, Hastie & Tibshirani 2010, sections 2.1–2.2.
struct CoordinateDescent {
  let l1: Double
  /// Passes after which the direction is taken as it is: it is one of descent at any time.
  let passCountMax: Int

  /// - Parameters:
  ///   - hessian: [K, K] row-major, symmetric, positive diagonal.
  ///   - gradient: of the smooth part at `weights`, [K].
  ///   - tolerance: largest change of a coordinate in a pass at which the passes end.
  /// - Returns: w + d, and whether the tolerance was reached.
  func minimum(
    hessian: [Double], gradient: [Double], from weights: [Double], tolerance: Double
  ) -> (weights: [Double], isConverged: Bool) {
    let order = gradient.count
    var slopes = gradient
    var current = weights
    let isConverged = hessian.withUnsafeBufferPointer { hessian in
      slopes.withUnsafeMutableBufferPointer { slopes in
        for _ in 0..<passCountMax {
          var changeMax = 0.0
          for coordinate in 0..<order {
            let curvature = hessian[coordinate * order + coordinate]
            let target = curvature * current[coordinate] - slopes[coordinate]
            let threshold = coordinate == order - 1 ? 0 : l1
            let next = softThreshold(target, threshold) / curvature
            let change = next - current[coordinate]
            guard change != 0 else { continue }
            current[coordinate] = next
            for other in 0..<order { slopes[other] += change * hessian[coordinate * order + other] }
            changeMax = max(changeMax, abs(change))
          }
          if changeMax <= tolerance { return true }
        }
        return false
      }
    }
    return (current, isConverged)
  }

  private func softThreshold(_ value: Double, _ threshold: Double) -> Double {
    value > threshold ? value - threshold : value < -threshold ? value + threshold : 0
  }
}
