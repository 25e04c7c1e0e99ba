// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The most probable scales given points and targets: log likelihood plus weak priors, climbed axis by axis.
///
/// Priors: log 1/ℓ² ~ N(log 4, 1.5²), log σ² ~ N(0, 1), log noise ~ N(log 10⁻³, 2²): lengths of about half an axis, and
/// some noise, unless the trials say otherwise. A pattern search needs no gradient, stops after a fixed number of
/// evaluations, and gives the same bits everywhere.
enum GaussianFit {
  static func fit(_ points: [[Double]], _ targets: [Double], isOrdered: [Bool], from start: GaussianScales)
    -> GaussianScales
  {
    var best = start
    var bestWorth = worth(points, targets, isOrdered, best)
    var step = 1.0
    for _ in 0..<4 {
      var isBetter = false
      for parameter in 0..<(isOrdered.count + 2) {
        for direction in [step, -step] {
          var candidate = best
          candidate.move(parameter, by: direction)
          let value = worth(points, targets, isOrdered, candidate)
          if value > bestWorth {
            (best, bestWorth, isBetter) = (candidate, value, true)
            break
          }
        }
      }
      if !isBetter { step /= 2 }
    }
    return best
  }

  private static func worth(
    _ points: [[Double]], _ targets: [Double], _ isOrdered: [Bool], _ scales: GaussianScales
  ) -> Double {
    var process = GaussianProcess(isOrdered: isOrdered, scales: scales)
    for point in points { process.append(point) }
    process.solve(targets)
    var prior = 0.0
    for weight in scales.logWeights { prior -= (weight - log(4)) * (weight - log(4)) / (2 * 1.5 * 1.5) }
    prior -= scales.logSignal * scales.logSignal / 2
    prior -= (scales.logNoise - log(1e-3)) * (scales.logNoise - log(1e-3)) / (2 * 2 * 2)
    return process.logLikelihood + prior
  }
}

extension GaussianScales {
  fileprivate mutating func move(_ parameter: Int, by step: Double) {
    if parameter < logWeights.count {
      logWeights[parameter] = min(max(logWeights[parameter] + step, log(1e-2)), log(1e4))
    } else if parameter == logWeights.count {
      logSignal = min(max(logSignal + step, -4), 4)
    } else {
      logNoise = min(max(logNoise + step, log(1e-6)), 0)
    }
  }
}
