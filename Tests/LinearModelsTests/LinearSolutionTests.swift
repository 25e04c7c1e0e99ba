// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import LinearModels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct LinearSolutionTests {
  /// Goal: ridge regression equals its closed form. Method: one column, where w = Σ(x−x̄)(y−ȳ)/N ÷ (Σ(x−x̄)²/N + l2)
  /// and b = ȳ − w·x̄, and two orthogonal columns, where each weight stands alone.
  @Test func ridge_ofOneColumn_equalsTheClosedForm() throws {
    let sample = LinearSample(rowCount: 40, columnCount: 1, objective: .regression, seed: 1)
    let fit = try sample.fit(.regression, ["l2": .real(0.3)])
    let x = (0..<40).map { sample.x($0, 0) }
    let y = sample.labels.map { Double($0) }
    let xMean = x.reduce(0, +) / 40
    let yMean = y.reduce(0, +) / 40
    let covariance = zip(x, y).map { ($0 - xMean) * ($1 - yMean) }.reduce(0, +) / 40
    let variance = x.map { ($0 - xMean) * ($0 - xMean) }.reduce(0, +) / 40
    let weight = covariance / (variance + 0.3)
    #expect(abs(fit.weights[0] - weight) < 1e-10)
    #expect(abs(fit.intercept - (yMean - weight * xMean)) < 1e-10)
    #expect(fit.isConverged && fit.iterationCount <= 3)
  }

  @Test func ridge_ofOrthogonalColumns_shrinksEachWeightAlone() throws {
    var sample = LinearSample(rowCount: 4, columnCount: 2, objective: .regression, seed: 1)
    sample.values = [1, 1, 1, -1, -1, 1, -1, -1]
    sample.labels = [5, 1, 3, -1]
    let fit = try sample.fit(.regression, ["l2": .real(1)])
    // Least squares gives 1, 2 and the mean 2; a unit penalty beside unit variances halves the weights.
    #expect(abs(fit.weights[0] - 0.5) < 1e-10)
    #expect(abs(fit.weights[1] - 1) < 1e-10)
    #expect(abs(fit.intercept - 2) < 1e-10)
  }

  /// Goal: a minimum of a convex function is found, not something near it. Method: the subgradient conditions of the
  /// elastic net, |∂ℓ/∂wⱼ| ≤ l1 where wⱼ = 0, ∂ℓ/∂wⱼ + l2·wⱼ + l1·sign wⱼ = 0 elsewhere, ∂ℓ/∂b = 0.
  @Test(
    arguments: [ObjectiveKind.binary, .regression],
    [(0.02, 0.0, 1.0), (0.05, 0.01, 1), (0, 0.01, 1), (0.01, 0.1, 6), (0.2, 0.3, 0.5), (0, 0, 1)])
  func solution_meetsTheSubgradientConditions(objective: ObjectiveKind, setting: (Double, Double, Double)) throws {
    let (l1, l2, positiveWeight) = setting
    let sample = LinearSample(rowCount: 300, columnCount: 19, objective: objective, seed: 7)
    let fit = try sample.fit(
      objective, ["l1": .real(l1), "l2": .real(l2), "positive_weight": .real(positiveWeight), "tolerance": .real(1e-9)])
    let gradient = sample.lossGradient(
      objective, weights: fit.weights, intercept: fit.intercept, positiveWeight: positiveWeight)
    #expect(fit.isConverged)
    #expect(abs(gradient.intercept) < 1e-8)
    for (column, weight) in fit.weights.enumerated() {
      let slope = gradient.weights[column] + l2 * weight
      let excess = weight == 0 ? max(abs(slope) - l1, 0) : abs(slope + (weight > 0 ? l1 : -l1))
      #expect(excess < 1e-8, "column \(column), weight \(weight), slope \(slope)")
    }
    if l1 >= 0.02 { #expect(fit.weights.contains(0), "no weight was set to zero by l1 = \(l1)") }
  }

  /// Goal: logistic regression against a second way of computing it. Method: Newton's formula by hand for one column
  /// and an intercept, the 2 × 2 system solved by Cramer's rule.
  @Test func logistic_ofOneColumn_equalsNewtonByHand() throws {
    let sample = LinearSample(rowCount: 60, columnCount: 1, objective: .binary, seed: 3)
    let fit = try sample.fit(.binary, ["l2": .real(0.05), "positive_weight": .real(3)])
    var (w, b) = (0.0, 0.0)
    for _ in 0..<30 {
      var (gw, gb, hww, hwb, hbb, total) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
      for row in 0..<60 {
        let (x, y) = (sample.x(row, 0), Double(sample.labels[row]))
        let v = y == 1 ? 3.0 : 1.0
        let p = 1 / (1 + exp(-(w * x + b)))
        gw += v * (p - y) * x
        gb += v * (p - y)
        hww += v * p * (1 - p) * x * x
        hwb += v * p * (1 - p) * x
        hbb += v * p * (1 - p)
        total += v
      }
      gw = gw / total + 0.05 * w
      gb /= total
      hww = hww / total + 0.05
      hwb /= total
      hbb /= total
      let determinant = hww * hbb - hwb * hwb
      w -= (gw * hbb - gb * hwb) / determinant
      b -= (gb * hww - gw * hwb) / determinant
    }
    #expect(abs(fit.weights[0] - w) < 1e-9)
    #expect(abs(fit.intercept - b) < 1e-9)
  }

  /// In real life: a demo-sized fold has more columns than rows, and one of them gives the label away.
  @Test func separableRows_withL2_haveAFiniteSolution() throws {
    var sample = LinearSample(rowCount: 20, columnCount: 30, objective: .binary, seed: 4)
    for row in 0..<20 { sample.values[row * 30] = sample.labels[row] == 1 ? 1 : -1 }
    let fit = try sample.fit(.binary, ["l2": .real(0.001)])
    let gradient = sample.lossGradient(.binary, weights: fit.weights, intercept: fit.intercept)
    #expect(fit.isConverged)
    for (column, weight) in fit.weights.enumerated() {
      #expect(weight.isFinite && abs(gradient.weights[column] + 0.001 * weight) < 1e-6)
    }
  }

  /// In real life: someone sweeps l2 down to 0 on separable rows, where no finite optimum exists.
  @Test func separableRows_withoutPenalty_endWithFiniteWeights() throws {
    var sample = LinearSample(rowCount: 20, columnCount: 2, objective: .binary, seed: 4)
    for row in 0..<20 { sample.values[row * 2] = sample.labels[row] == 1 ? 1 : -1 }
    let fit = try sample.fit(.binary, ["l2": .real(0)])
    #expect(fit.weights.allSatisfy(\.isFinite) && fit.intercept.isFinite)
    #expect((fit.loss.last ?? 1) < 1e-3)
  }

  @Test func equalColumns_withoutL2_areSolved() throws {
    var sample = LinearSample(rowCount: 50, columnCount: 3, objective: .regression, seed: 5)
    for row in 0..<50 { sample.values[row * 3 + 1] = sample.values[row * 3] }
    let fit = try sample.fit(.regression, ["l2": .real(0)])
    let gradient = sample.lossGradient(.regression, weights: fit.weights, intercept: fit.intercept)
    #expect(gradient.weights.allSatisfy { abs($0) < 1e-7 })
  }

  /// Goal: above the largest |slope| at w = 0 nothing but the intercept is left, just below it something is.
  @Test(arguments: [ObjectiveKind.binary, .regression])
  func largeL1_leavesTheInterceptOnly(objective: ObjectiveKind) throws {
    let sample = LinearSample(rowCount: 200, columnCount: 12, objective: objective, seed: 6)
    let mean = Double(sample.labels.reduce(0, +)) / 200
    let intercept = objective == .binary ? log(mean / (1 - mean)) : mean
    let start = sample.lossGradient(objective, weights: [Double](repeating: 0, count: 12), intercept: intercept)
    let l1Max = start.weights.map { abs($0) }.max() ?? 0
    let empty = try sample.fit(objective, ["l1": .real(l1Max * 1.0001), "l2": .real(0)])
    #expect(empty.weights.allSatisfy { $0 == 0 })
    #expect(abs(empty.intercept - intercept) < 1e-6)
    let one = try sample.fit(objective, ["l1": .real(l1Max * 0.99), "l2": .real(0)])
    #expect(one.weights.contains { $0 != 0 })
  }
}
