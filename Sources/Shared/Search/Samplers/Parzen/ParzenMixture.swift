// SPDX-License-Identifier: Apache-2.0

import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A density over the axes of a group: one kernel for each trial, and a uniform one of the prior's weight.
///
/// A kernel is a product over axes: a normal cut off at the ends of an ordered axis, a smoothed indicator on an unordered
/// one. Shapes: K kernels, d axes.
struct ParzenMixture: Sendable {
  private let axes: [UnitCube.Axis]
  private let kernelCount: Int
  /// [K, d], row-major.
  private var centres: [Double]
  /// [d]: width of the normal, for ordered axes.
  private var widths: [Double]
  /// [K]: log weight and, for ordered axes, log of the normalising constants.
  private var logWeights: [Double]
  private let logPrior: Double
  /// For unordered axes: log of the chance at the kernel's own value and elsewhere.
  private var logAtCentre: [Double]
  private var logElsewhere: [Double]
  /// For unordered axes: the chance of a draw that keeps the kernel's value without asking the prior.
  private var stays: [Double] = []
  private let isUnordered: [Bool]

  /// - Parameter spreads: [d], how wide the good trials lie on an ordered axis, 1 for evenly all over it.
  init(
    _ history: TrialHistory, rows: [Int], axes indices: [Int], spreads: [Double], _ tuning: TPESampler.Tuning
  ) {
    axes = indices.map { history.cube.axes[$0] }
    let (count, dimensionCount) = (rows.count, indices.count)
    kernelCount = count
    centres = []
    centres.reserveCapacity(count * dimensionCount)
    for row in rows { for axis in indices { centres.append(history.coordinate(row, axis)) } }
    isUnordered = axes.map { !$0.isOrdered }
    (widths, logAtCentre, logElsewhere) = ([], [], [])
    let total = Double(count) + tuning.priorWeight
    logWeights = Array(repeating: -log(total), count: count)
    let scott = pow(Double(max(count, 1)), -1 / Double(dimensionCount + 4))
    var prior = log(tuning.priorWeight / total)
    for (position, axis) in axes.enumerated() {
      let levels = Double(axis.levelCount ?? 0)
      guard axis.isOrdered else {
        let extra = 1 / total
        let norm = 1 + levels * extra
        widths.append(1)
        stays.append(1 / norm)
        logAtCentre.append(log((1 + extra) / norm))
        logElsewhere.append(log(extra / norm))
        prior -= log(levels)
        continue
      }
      let width = max(tuning.widthScale * spreads[position] * scott, tuning.widthMin, levels > 0 ? 0.5 / levels : 0)
      widths.append(width)
      stays.append(0)
      logAtCentre.append(0)
      logElsewhere.append(0)
      for kernel in 0..<count {
        let centre = centres[kernel * dimensionCount + position]
        logWeights[kernel] -= log(width * normalShare(-centre / width, (1 - centre) / width) * 2.5066282746310002)
      }
    }
    logPrior = prior
  }

  /// How wide trials lie on each axis: their deviation over that of an even spread, √(1/12), held back by the weight of
  /// `doubt` trials that are spread evenly; 1 for unordered axes.
  static func spreads(
    _ history: TrialHistory, rows: [Int], axes indices: [Int], _ tuning: TPESampler.Tuning
  ) -> [Double] {
    indices.map { axis in
      guard history.cube.axes[axis].isOrdered, rows.count > 1, tuning.adaptivity > 0 else { return 1 }
      let values = rows.map { history.coordinate($0, axis) }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let share = (12 * squares + tuning.doubt) / (Double(values.count - 1) + tuning.doubt)
      return pow(min(share, 1), tuning.adaptivity / 2)
    }
  }

  /// log density at `point` [d].
  func logDensity(_ point: [Double]) -> Double {
    let dimensionCount = point.count
    var (largest, sum) = (logPrior, 1.0)
    let inverse = widths.map { 1 / $0 }
    return centres.withUnsafeBufferPointer { centres in
      for kernel in 0..<kernelCount {
        var exponent = logWeights[kernel]
        for axis in 0..<dimensionCount {
          let centre = centres[kernel * dimensionCount + axis]
          if isUnordered[axis] {
            // Both stand in the middle of their parts.
            exponent += abs(centre - point[axis]) < 1e-9 ? logAtCentre[axis] : logElsewhere[axis]
          } else {
            let off = (point[axis] - centre) * inverse[axis]
            exponent -= 0.5 * off * off
          }
        }
        if exponent > largest {
          sum = sum * exp(largest - exponent) + 1
          largest = exponent
        } else if exponent > largest - 36 {
          sum += exp(exponent - largest)
        }
      }
      return largest + log(sum)
    }
  }

  func draw(_ generator: inout CounterGenerator) -> [Double] {
    let total = exp(logPriorShare)
    let kernel = generator.uniform() < total ? nil : Optional(generator.below(max(kernelCount, 1)))
    guard let kernel, kernelCount > 0 else { return axes.map { $0.drawUniform(&generator) } }
    return axes.indices.map { position in
      let axis = axes[position]
      let centre = centres[kernel * axes.count + position]
      guard axis.isOrdered else {
        return generator.uniform() < stays[position] ? centre : axis.drawUniform(&generator)
      }
      // The centre is inside, so at least two in five draws are.
      for _ in 0..<64 {
        let value = centre + widths[position] * generator.normal()
        if value >= 0, value < 1 { return axis.snapped(value) }
      }
      return axis.snapped(centre)
    }
  }

  private var logPriorShare: Double {
    axes.reduce(logPrior) { $1.isOrdered ? $0 : $0 + log(Double($1.levelCount ?? 1)) }
  }
}

/// The share of the standard normal between `low` and `high`.
private func normalShare(_ low: Double, _ high: Double) -> Double {
  max(0.5 * (erf(high / 2.0.squareRoot()) - erf(low / 2.0.squareRoot())), 1e-300)
}
