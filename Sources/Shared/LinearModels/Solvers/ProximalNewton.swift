// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// Proximal Newton: each iteration minimises the penalty plus a quadratic model of the loss, then searches along the
/// way there until the objective falls enough.
///
/// Without l1 the model is solved by Cholesky, with l1 by coordinate descent. For squared error the model is exact: the
/// first iteration is the solution, the second confirms it.
///
/// - Source: Lee, Sun & Saunders 2014, "Proximal Newton-type methods for minimizing composite functions", algorithm 1.
struct ProximalNewton {
  /// [F + 1]: the weights, then the intercept.
  private(set) var weights: [Double]
  private(set) var objective: Double
  private(set) var isConverged = false

  private let problem: LinearProblem
  private let tolerance: Double
  private var margins: [Double]
  private var directions: [Double]
  private var slopes: [Double]
  private var curvatures: [Double]
  private var gradient: [Double]
  private var normal: NormalMatrix
  private var hasNormal = false
  private var lastChange = Double.infinity

  init(_ problem: LinearProblem, tolerance: Double) {
    self.problem = problem
    self.tolerance = tolerance
    let rowCount = problem.matrix.rowCount
    let order = problem.matrix.columnCount + 1
    weights = [Double](repeating: 0, count: order)
    weights[order - 1] = problem.constantIntercept
    margins = [Double](repeating: weights[order - 1], count: rowCount)
    directions = [Double](repeating: 0, count: rowCount)
    slopes = directions
    curvatures = directions
    gradient = [Double](repeating: 0, count: order)
    normal = NormalMatrix(columnCount: order - 1)
    objective = problem.meanLoss(margins, directions, step: 0)
  }

  mutating func iterate() {
    problem.fillDerivatives(margins, slopes: &slopes, curvatures: &curvatures)
    fillGradient(problem.matrix, slopes: slopes, into: &gradient)
    for column in 0..<weights.count - 1 { gradient[column] += problem.l2 * weights[column] }
    if !hasNormal {
      normal.fill(problem.matrix, curvatures: curvatures)
      hasNormal = problem.objective == .regression
    }
    let (target, isExact) = modelMinimum()
    let change = search(towards: target)
    isConverged = change == 0 || (isExact && change <= tolerance)
    lastChange = change
  }

  /// The minimum of penalty + quadratic model, and whether it was found to the tolerance.
  private func modelMinimum() -> (weights: [Double], isExact: Bool) {
    let order = weights.count
    var hessian = normal.entries
    var diagonalMax = 0.0
    for column in 0..<order { diagonalMax = max(diagonalMax, hessian[column * order + column]) }
    // Rounding may leave a dependent column without a positive pivot. A ridge on the step, not on the objective, mends
    // that: the gradient stays exact, and with it the optimum.
    var ridge = max(diagonalMax, 1e-9) * 1e-12
    for column in 0..<order {
      hessian[column * order + column] += ridge + (column == order - 1 ? 0 : problem.l2)
    }
    guard problem.l1 == 0 else {
      let descent = CoordinateDescent(l1: problem.l1, passCountMax: 5_000)
      // Far from the optimum the model is crude, and so may its solution be.
      let wanted = max(tolerance * 1e-2, min(lastChange, 1) * 1e-3)
      let found = descent.minimum(hessian: hessian, gradient: gradient, from: weights, tolerance: wanted)
      return (found.weights, found.isConverged)
    }
    while true {
      var factored = hessian
      if let step = solvePositiveDefinite(&factored, gradient) {
        return (zip(weights, step).map { $0 - $1 }, true)
      }
      for column in 0..<order { hessian[column * order + column] += 99 * ridge }
      ridge *= 100
    }
  }

  /// Moves to `weights + step·(target − weights)`, the step halved until the objective falls by a set share of what the
  /// model promises. Returns the largest change of a weight; 0 where rounding allows no further fall.
  private mutating func search(towards target: [Double]) -> Double {
    let direction = zip(target, weights).map { $0 - $1 }
    fillMargins(problem.matrix, direction, into: &directions)
    var slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
    for column in 0..<weights.count - 1 { slope += problem.l1 * (abs(target[column]) - abs(weights[column])) }
    guard slope < 0 else { return 0 }
    var step = 1.0
    for _ in 0..<60 {
      let candidate = zip(weights, direction).map { $0 + step * $1 }
      let value = problem.meanLoss(margins, directions, step: step) + problem.penalty(candidate)
      // The slack is the rounding of a sum near `objective`; without it the last iteration could not end.
      if value <= objective + 1e-4 * step * slope + 1e-14 * abs(objective) {
        for row in margins.indices { margins[row] += step * directions[row] }
        weights = candidate
        objective = value
        return direction.reduce(0) { max($0, abs(step * $1)) }
      }
      step *= 0.5
    }
    return 0
  }
}
