// SPDX-License-Identifier: Apache-2.0

/// Exact Shapley values of a booster's scores, and their interactions.
///
/// For one leaf of value v the score is the product over its path's columns j of "the row passes", o_j ∈ {0, 1}; a column
/// that is left out passes with share z_j. Then, with f_j(t) = (1 − t)·z_j + t·o_j,
///
///     φ_i  = v · (o_i − z_i) · ∫₀¹ Π_{j≠i} f_j(t) dt
///     Φ_ij = v · (o_i − z_i)·(o_j − z_j) · ∫₀¹ Π_{k≠i,j} f_k(t) dt / 2        Φ_ii = φ_i − Σ_{j≠i} Φ_ij
///
/// summed over leaves. The integrand is a polynomial of less than the path's number of columns, so Gauss's rule with half
/// as many points gives the integral without error; no term changes sign, so nothing cancels.
///
/// *Path-dependent*: z_j is the share of training rows that pass (Lundberg's "tree_path_dependent", LightGBM's
/// `pred_contrib`). *Interventional*: z_j ∈ {0, 1} says whether a background row passes, and values are means over the
/// background.
///
/// - Shapes: values [N, F] row-major; φ [N, F + 1], the last column the expected score; Φ [N, F + 1, F + 1], its last row and
///   column 0 but for the corner, the expected score.
/// - Units: of the score (log-odds, or the label's unit, or its logarithm).
/// - Complexity: O(N · leaves · d²/2) for paths of d columns, 4 rows at once; interactions a factor d more.
/// - Source: Lundberg et al. 2020, "From local explanations to global understanding", equations 3–6 and algorithm 2 for the
///   values; the integral is Owen's multilinear extension (Owen 1972, "Multilinear Extensions of Games"), as in Yu et al.
///   2022, "Linear TreeShap", with Gauss's rule in place of interpolation.
package final class Attribution: Sendable {
  private static let lanes = 4

  private let booster: Booster
  private let paths: LeafPaths
  /// By number of columns in the path.
  private let rules: [GaussRule]
  /// Expected score over the training rows.
  package let expectedScore: Double

  package init(_ booster: Booster) {
    self.booster = booster
    let paths = LeafPaths(booster.trees)
    self.paths = paths
    rules = (0...max(paths.elementCountMax, 1)).map { GaussRule(pointCount: max(1, ($0 + 1) / 2)) }
    expectedScore = paths.leaves.reduce(booster.initialScore) { $0 + $1.value * $1.share }
  }

  /// φ, path-dependent.
  package func values(_ rows: UnsafeBufferPointer<Float>, rowCount: Int) -> [Double] {
    let width = booster.columnCount + 1
    var result = [Double](repeating: 0, count: rowCount * width)
    explain(rows, rowCount: rowCount, width: width) { first, count, sums in
      for lane in 0..<count {
        for column in 0..<booster.columnCount { result[(first + lane) * width + column] = sums[column][lane] }
        result[(first + lane) * width + width - 1] = expectedScore
      }
    }
    return result
  }

  /// Φ, path-dependent.
  package func interactions(_ rows: UnsafeBufferPointer<Float>, rowCount: Int) -> [Double] {
    let width = booster.columnCount + 1
    var result = [Double](repeating: 0, count: rowCount * width * width)
    explain(rows, rowCount: rowCount, width: width * width) { first, count, sums in
      for lane in 0..<count {
        let start = (first + lane) * width * width
        for cell in 0..<(width * width) { result[start + cell] = sums[cell][lane] }
        // The diagonal came in as φ_i.
        for column in 0..<booster.columnCount {
          for other in 0..<booster.columnCount where other != column {
            result[start + column * width + column] -= result[start + column * width + other]
          }
        }
        result[start + width * width - 1] = expectedScore
      }
    }
    return result
  }

  /// φ against a background, interventional; the last column is the background's mean score.
  ///
  /// - Parameter background: [M, F] row-major, M > 0.
  /// - Complexity: M times that of `values`.
  package func values(
    _ rows: UnsafeBufferPointer<Float>, rowCount: Int, background: UnsafeBufferPointer<Float>, backgroundRowCount: Int
  ) -> [Double] {
    precondition(backgroundRowCount > 0, "no background rows")
    let width = booster.columnCount + 1
    var result = [Double](repeating: 0, count: rowCount * width)
    let mean = booster.scores(background, rowCount: backgroundRowCount).reduce(0, +) / Double(backgroundRowCount)
    let passes = passes(of: background, rowCount: backgroundRowCount)
    for other in 0..<backgroundRowCount {
      explain(
        rows, rowCount: rowCount, width: width,
        shares: { [elementCount = paths.elements.count] in passes[other * elementCount + $0] }
      ) {
        first, count, sums in
        for lane in 0..<count {
          for column in 0..<booster.columnCount {
            result[(first + lane) * width + column] += sums[column][lane] / Double(backgroundRowCount)
          }
        }
      }
    }
    for row in 0..<rowCount { result[row * width + width - 1] = mean }
    return result
  }
}

extension Attribution {
  private typealias Lanes = SIMD4<Double>

  private func explain(
    _ rows: UnsafeBufferPointer<Float>, rowCount: Int, width: Int, shares: ((Int) -> Double)? = nil,
    take: (Int, Int, UnsafePointer<SIMD4<Double>>) -> Void
  ) {
    let columnCount = booster.columnCount
    precondition(rows.count == rowCount * columnCount, "\(rows.count) values are not \(rowCount) × \(columnCount)")
    guard let base = rows.baseAddress, rowCount > 0 else { return }
    let nodeCount = booster.trees.map(\.nodes.count).max() ?? 0
    var sums = [Lanes](repeating: .zero, count: width)
    var isLeft = [Lanes](repeating: .zero, count: max(nodeCount, 1))
    let isPairwise = width > columnCount + 1
    var work = PathWork(capacity: paths.elementCountMax)
    for first in stride(from: 0, to: rowCount, by: Self.lanes) {
      let count = min(Self.lanes, rowCount - first)
      for index in sums.indices { sums[index] = .zero }
      var tree = -1
      for leaf in paths.leaves {
        if leaf.tree != tree {
          tree = leaf.tree
          decide(booster.trees[tree], base + first * columnCount, count: count, into: &isLeft)
        }
        guard !leaf.elements.isEmpty else { continue }
        for (place, index) in leaf.elements.enumerated() {
          let element = paths.elements[index]
          var passed = Lanes(repeating: 1)
          for step in paths.steps[element.steps] {
            passed *= step.isLeft ? isLeft[Int(step.node)] : 1 - isLeft[Int(step.node)]
          }
          work.set(place, passed: passed, share: shares?(index) ?? element.share)
        }
        let rule = rules[leaf.elements.count]
        work.integrate(leaf.elements.count, rule)
        for (place, index) in leaf.elements.enumerated() {
          let column = Int(paths.elements[index].column)
          let cell = isPairwise ? column * (columnCount + 1) + column : column
          sums[cell] += leaf.value * work.value(place)
        }
        if isPairwise { addPairs(leaf, rule, &work, &sums) }
      }
      sums.withUnsafeBufferPointer { if let base = $0.baseAddress { take(first, count, base) } }
    }
  }

  private func addPairs(_ leaf: LeafPaths.Leaf, _ rule: GaussRule, _ work: inout PathWork, _ sums: inout [Lanes]) {
    let width = booster.columnCount + 1
    for (place, index) in leaf.elements.enumerated() {
      for (other, otherIndex) in leaf.elements.enumerated() where other < place {
        let pair = 0.5 * leaf.value * work.pair(place, other, count: leaf.elements.count, rule)
        let (row, column) = (Int(paths.elements[index].column), Int(paths.elements[otherIndex].column))
        sums[row * width + column] += pair
        sums[column * width + row] += pair
      }
    }
  }

  /// 1 where a node sends a row left, else 0; rows that are not there repeat the last one.
  private func decide(_ tree: Tree, _ rows: UnsafePointer<Float>, count: Int, into isLeft: inout [Lanes]) {
    for (index, node) in tree.nodes.enumerated() {
      for lane in 0..<Self.lanes {
        let value = rows[min(lane, count - 1) * booster.columnCount + Int(node.column)]
        isLeft[index][lane] = tree.sendsLeft(value, node) ? 1 : 0
      }
    }
  }

  /// [M, elements]: 1 where a background row passes all of an element's nodes, else 0.
  private func passes(of rows: UnsafeBufferPointer<Float>, rowCount: Int) -> [Double] {
    var passes: [Double] = []
    passes.reserveCapacity(rowCount * paths.elements.count)
    for row in 0..<rowCount {
      for leaf in paths.leaves {
        let tree = booster.trees[leaf.tree]
        for element in paths.elements[leaf.elements] {
          let isOn = paths.steps[element.steps].allSatisfy { step in
            let node = tree.nodes[Int(step.node)]
            return tree.sendsLeft(rows[row * booster.columnCount + Int(node.column)], node) == step.isLeft
          }
          passes.append(isOn ? 1 : 0)
        }
      }
    }
    return passes
  }
}

/// One path's factors and products, for 4 rows.
private struct PathWork {
  private var shares: [Double]
  /// o − z.
  private var leads: [SIMD4<Double>]
  private var before: [SIMD4<Double>]
  private var integrals: [SIMD4<Double>]

  init(capacity: Int) {
    shares = [Double](repeating: 0, count: capacity + 1)
    leads = [SIMD4<Double>](repeating: .zero, count: capacity + 1)
    before = leads
    integrals = leads
  }

  mutating func set(_ place: Int, passed: SIMD4<Double>, share: Double) {
    shares[place] = share
    leads[place] = passed - share
  }

  /// ∫ Π_{j≠i} f_j for each i, by products of what comes before and after.
  mutating func integrate(_ count: Int, _ rule: GaussRule) {
    for place in 0..<count { integrals[place] = .zero }
    for (point, weight) in zip(rule.points, rule.weights) {
      var product = SIMD4<Double>(repeating: weight)
      for place in 0..<count {
        before[place] = product
        product *= shares[place] + point * leads[place]
      }
      product = SIMD4(repeating: 1)
      for place in stride(from: count - 1, through: 0, by: -1) {
        integrals[place] += before[place] * product
        product *= shares[place] + point * leads[place]
      }
    }
  }

  func value(_ place: Int) -> SIMD4<Double> { leads[place] * integrals[place] }

  func pair(_ first: Int, _ second: Int, count: Int, _ rule: GaussRule) -> SIMD4<Double> {
    var integral = SIMD4<Double>.zero
    for (point, weight) in zip(rule.points, rule.weights) {
      var product = SIMD4<Double>(repeating: weight)
      for place in 0..<count where place != first && place != second {
        product *= shares[place] + point * leads[place]
      }
      integral += product
    }
    return leads[first] * leads[second] * integral
  }
}
