// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

@testable import Boosters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Holds grown trees to the rules, in double precision and from rows directly: no histogram, no subtraction. Splits are
/// judged by gradients rounded to the tree's quanta, as they were chosen; leaf values by the unrounded ones.
///
/// Walks the splits in the order of growth. At each step every leaf is searched exhaustively; the leaf that was split and
/// the split it got must be within `tolerance` of the best there is, keep all limits, and state its true gain.
struct TreeAudit {
  /// Of the score's magnitude: the search ranks in single precision.
  static let tolerance = 2e-6

  let matrix: BinnedMatrix
  let labels: [Float]
  let objective: ObjectiveKind
  let options: BoosterOptions
  private(set) var complaints: [String] = []
  private(set) var scores: [Double]
  private var gradients: [Double] = []
  private var hessians: [Double] = []
  private var roundedGradients: [Double] = []
  private var roundedHessians: [Double] = []
  private var limits: SplitLimits?

  init(matrix: BinnedMatrix, labels: [Float], objective: ObjectiveKind, options: BoosterOptions, booster: Booster) {
    self.matrix = matrix
    self.labels = labels
    self.objective = objective
    self.options = options
    scores = [Double](repeating: booster.initialScore, count: labels.count)
    roundedGradients = scores
    roundedHessians = scores
    for (index, tree) in booster.trees.enumerated() { audit(tree, index) }
  }

  private struct Leaf {
    var rows: [Int]
    var depth = 0
    /// The node that splits it later; nil for a leaf of the finished tree.
    var link: Int32
  }

  private struct Sums {
    var gradient = 0.0
    var hessian = 0.0
    var count = 0

    mutating func add(_ other: Sums) {
      gradient += other.gradient
      hessian += other.hessian
      count += other.count
    }
  }

  private mutating func audit(_ tree: Tree, _ index: Int) {
    differentiate(index)
    var leaves = [Leaf(rows: Array(labels.indices), link: tree.nodes.isEmpty ? ~0 : 0)]
    for (nodeIndex, node) in tree.nodes.enumerated() {
      let name = "tree \(index) node \(nodeIndex)"
      guard let at = leaves.firstIndex(where: { $0.link == Int32(nodeIndex) }) else {
        complaints.append("\(name): hangs nowhere")
        return
      }
      check(node, gain: tree.gains[nodeIndex], leaf: leaves[at], among: leaves, name)
      let leaf = leaves[at]
      let parts = leaf.rows.reduce(into: (left: [Int](), right: [Int]())) { parts, row in
        if goesLeft(row, node) { parts.left.append(row) } else { parts.right.append(row) }
      }
      leaves[at] = Leaf(rows: parts.left, depth: leaf.depth + 1, link: node.left)
      leaves.append(Leaf(rows: parts.right, depth: leaf.depth + 1, link: node.right))
    }
    if leaves.count < options.leafCountMax {
      for leaf in leaves {
        guard let best = bestGain(leaf), best.gain > gainMin(of: leaf) + Self.tolerance * best.scale else { continue }
        complaints.append("tree \(index): ended with a gain of \(best.gain) left")
      }
    }
    settle(leaves, tree, index)
  }

  /// Leaf values and counts; then the scores move on.
  private mutating func settle(_ leaves: [Leaf], _ tree: Tree, _ index: Int) {
    for leaf in leaves {
      let number = Int(~leaf.link)
      let sums = exactSum(leaf.rows)
      let shrunk = max(abs(sums.gradient) - options.l1, 0) * (sums.gradient > 0 ? -1 : 1)
      let value = options.learningRate * shrunk / (sums.hessian + options.l2)
      if abs(value - tree.leafValues[number]) > 1e-12 * max(1, abs(value)) {
        complaints.append("tree \(index) leaf \(number): value \(tree.leafValues[number]), expected \(value)")
      }
      if sums.count != tree.leafRowCounts[number] { complaints.append("tree \(index) leaf \(number): row count") }
      for row in leaf.rows { scores[row] += tree.leafValues[number] }
    }
  }

  private mutating func check(_ node: TreeNode, gain: Double, leaf: Leaf, among leaves: [Leaf], _ name: String) {
    var left = Sums()
    var right = Sums()
    var missing = 0
    for row in leaf.rows {
      if goesLeft(row, node) { left.add(sum([row])) } else { right.add(sum([row])) }
      missing += matrix.bin(row: row, column: Int(node.column)) == 0 ? 1 : 0
    }
    if missing == 0, node.isMissingLeft != (left.count >= right.count) {
      complaints.append("\(name): nothing was missing, yet missing rows do not follow the majority")
    }
    guard let actual = self.gain(left, right, depth: leaf.depth) else {
      complaints.append("\(name): breaks a limit: \(left) | \(right) at depth \(leaf.depth)")
      return
    }
    let best = leaves.compactMap { bestGain($0) }.max { $0.gain < $1.gain }
    let slack = Self.tolerance * (best?.scale ?? 0)
    if abs(actual - gain) > slack { complaints.append("\(name): states gain \(gain), has \(actual)") }
    if actual <= gainMin(of: leaf) - slack { complaints.append("\(name): gains \(actual), too little to split") }
    if let best, actual < best.gain - slack {
      complaints.append("\(name): gains \(actual), the best split \(best.gain)")
    }
  }

  private func goesLeft(_ row: Int, _ node: TreeNode) -> Bool {
    let bin = matrix.bin(row: row, column: Int(node.column))
    return bin == 0 ? node.isMissingLeft : bin <= Int(node.bin)
  }

  /// With what rounding alone may bring.
  private func gainMin(of leaf: Leaf) -> Double {
    guard let limits else { return options.gainMin }
    let sums = sum(leaf.rows)
    return limits.gainMin(
      of: QuantaSums(
        gradient: Int32((sums.gradient * limits.scale.gradient).rounded()),
        hessian: Int32((sums.hessian * limits.scale.hessian).rounded()), count: Int32(sums.count)))
  }

  /// Of all thresholds of all columns in both directions of missing; with the magnitude of the scores it came from.
  private func bestGain(_ leaf: Leaf) -> (gain: Double, scale: Double)? {
    var best: (gain: Double, scale: Double)?
    let total = sum(leaf.rows)
    for column in 0..<matrix.columnCount {
      var bins = [Sums](repeating: Sums(), count: matrix.columns[column].valueBinCount + 1)
      for row in leaf.rows { bins[matrix.bin(row: row, column: column)].add(sum([row])) }
      for isMissingLeft in [false, true] {
        var left = isMissingLeft ? bins[0] : Sums()
        for bin in bins.dropFirst() {
          left.add(bin)
          let right = Sums(
            gradient: total.gradient - left.gradient, hessian: total.hessian - left.hessian,
            count: total.count - left.count)
          guard let gain = gain(left, right, depth: leaf.depth), gain > best?.gain ?? -.infinity else { continue }
          best = (gain, score(left) + score(right) + score(total))
        }
      }
    }
    return best
  }

  private func gain(_ left: Sums, _ right: Sums, depth: Int) -> Double? {
    guard min(left.count, right.count) >= options.leafRowsMin,
      min(left.hessian, right.hessian) >= options.leafHessianMin,
      options.depthMax == 0 || depth < options.depthMax
    else { return nil }
    var total = left
    total.add(right)
    return score(left) + score(right) - score(total)
  }

  private func score(_ sums: Sums) -> Double {
    let shrunk = max(abs(sums.gradient) - options.l1, 0)
    return shrunk * shrunk / (sums.hessian + options.l2)
  }

  private func sum(_ rows: [Int]) -> Sums {
    rows.reduce(into: Sums()) { $0.add(Sums(gradient: roundedGradients[$1], hessian: roundedHessians[$1], count: 1)) }
  }

  private func exactSum(_ rows: [Int]) -> Sums {
    rows.reduce(into: Sums()) { $0.add(Sums(gradient: gradients[$1], hessian: hessians[$1], count: 1)) }
  }

  private mutating func round(_ tree: Int) {
    func extent(_ values: [Double]) -> GradientScale.Extent {
      GradientScale.Extent(sum: values.reduce(0) { $0 + abs($1) }, max: values.map(abs).max() ?? 0)
    }
    let isConstant = Set(hessians).count == 1 && objective == .regression
    let scale = GradientScale(
      gradients: extent(gradients), hessians: isConstant ? nil : extent(hessians), rowHessian: hessians[0],
      rowCount: labels.count)
    let dither = GradientDither(tree: tree)
    func rounded(_ value: Double, _ threshold: Double) -> Double {
      isConstant ? value.rounded(.toNearestOrEven) : (value + threshold).rounded(.down)
    }
    for row in labels.indices {
      let threshold = dither(UInt32(row))
      roundedGradients[row] = rounded(gradients[row] * scale.gradient, threshold.gradient) / scale.gradient
      roundedHessians[row] = rounded(hessians[row] * scale.hessian, threshold.hessian) / scale.hessian
    }
    limits = SplitLimits(
      leafRowsMin: options.leafRowsMin, hessianMin: options.leafHessianMin, l1: options.l1, l2: options.l2,
      gainMin: options.gainMin, scale: scale, isDithered: !isConstant)
  }

  private mutating func differentiate(_ tree: Int) {
    switch objective {
    case .regression:
      gradients = zip(scores, labels).map { $0 - Double($1) }
      hessians = scores.map { _ in 1 }
    case .binary:
      let weights = labels.map { $0 > 0 ? options.positiveWeight : 1 }
      let p = scores.map { 1 / (1 + exp(-$0)) }
      gradients = labels.indices.map { weights[$0] * (p[$0] - Double(labels[$0])) }
      hessians = labels.indices.map { weights[$0] * p[$0] * (1 - p[$0]) }
    }
    round(tree)
  }
}
