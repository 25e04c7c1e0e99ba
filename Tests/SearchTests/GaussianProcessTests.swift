// SPDX-License-Identifier: Apache-2.0

import Foundation
import Randomness
import Testing

@testable import Search

/// The Gaussian process against its formulas, written out.
@Suite struct GaussianProcessTests {
  private let isOrdered = [true, true, false]

  private var scales: GaussianScales {
    var scales = GaussianScales(axisCount: 3)
    scales.logWeights = [log(9), log(0.5), log(2)]
    scales.logSignal = log(1.7)
    scales.logNoise = log(0.01)
    return scales
  }

  /// Some points lack the second axis.
  private func points(_ count: Int, _ generator: inout CounterGenerator) -> [[Double]] {
    (0..<count).map { row in
      [generator.uniform(), row % 5 == 2 ? .nan : generator.uniform(), row % 3 == 0 ? 0.25 : 0.75]
    }
  }

  private func covariance(_ left: [Double], _ right: [Double]) -> Double {
    var square = 0.0
    for axis in 0..<3 {
      let weight = exp(scales.logWeights[axis])
      if left[axis].isNaN || right[axis].isNaN {
        let off = (left[axis].isNaN ? right[axis] : left[axis]) - 0.5
        square += left[axis].isNaN && right[axis].isNaN ? 0 : weight * (off * off + 1.0 / 6)
      } else if isOrdered[axis] {
        square += weight * (left[axis] - right[axis]) * (left[axis] - right[axis])
      } else {
        square += left[axis] == right[axis] ? 0 : weight
      }
    }
    let r = (5 * square).squareRoot()
    return 1.7 * (1 + r + r * r / 3) * exp(-r)
  }

  /// K·x = b by Gauss elimination; K is positive definite.
  private func solved(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
    var (a, b) = (matrix, right)
    for i in a.indices {
      for row in (i + 1)..<max(a.count, i + 1) {
        let share = a[row][i] / a[i][i]
        for column in i..<a.count { a[row][column] -= share * a[i][column] }
        b[row] -= share * b[i]
      }
    }
    for i in a.indices.reversed() {
      for column in (i + 1)..<max(a.count, i + 1) { b[i] -= a[i][column] * b[column] }
      b[i] /= a[i][i]
    }
    return b
  }

  // Goal: mean and variance are those of the formulas, with lacking and unordered axes; and no shortcut departs from them.
  @Test func predictions_areThoseOfTheFormulas() throws {
    var generator = CounterGenerator(key: 3)
    let known = points(43, &generator)
    let targets = known.map { $0[0] * 3 - ($0[1].isNaN ? 0.2 : $0[1]) + 0.1 * generator.normal() }
    var process = GaussianProcess(isOrdered: isOrdered, scales: scales)
    for point in known { process.append(point) }
    process.solve(targets)
    var matrix = known.map { left in known.map { covariance(left, $0) } }
    for i in matrix.indices { matrix[i][i] += 0.01 + 1e-10 }
    let alpha = solved(matrix, targets)
    for point in points(20, &generator) + known.prefix(5) {
      let row = known.map { covariance(point, $0) }
      let mean = zip(row, alpha).reduce(0) { $0 + $1.0 * $1.1 }
      let variance = 1.7 - zip(row, solved(matrix, row)).reduce(0) { $0 + $1.0 * $1.1 }
      let found = process.predict(point)
      #expect(abs(found.mean - mean) < 1e-9 && abs(found.variance - variance) < 1e-9)
      let glance = process.glance(point)
      #expect(glance.mean == found.mean && glance.varianceMax >= found.variance)
      #expect(process.variance(glance.covariances) { _ in false } == nil, "43 points are more than one stretch")
    }
    for (index, point) in known.enumerated() {
      #expect(abs(process.mean(at: index) - process.predict(point).mean) < 1e-9)
    }
  }

  // In real life: a coordinator that was restarted builds anew what its predecessor had added to: to the same bits.
  @Test func truncatedAndRegrown_isTheSameToTheBit() {
    var generator = CounterGenerator(key: 8)
    let known = points(30, &generator)
    var process = GaussianProcess(isOrdered: isOrdered, scales: scales)
    for point in known.prefix(17) + points(9, &generator) { process.append(point) }
    process.truncate(to: 17)
    for point in known.dropFirst(17) { process.append(point) }
    var fresh = GaussianProcess(isOrdered: isOrdered, scales: scales)
    for point in known { fresh.append(point) }
    let targets = known.map { $0[0] }
    process.solve(targets)
    fresh.solve(targets)
    for point in points(10, &generator) { #expect(process.predict(point) == fresh.predict(point)) }
    #expect(process.logLikelihood == fresh.logLikelihood)
  }
}
