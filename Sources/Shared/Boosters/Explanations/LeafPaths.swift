// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A model's leaves, each with the columns that its path asks about.
///
/// A path that asks about a column more than once is one element of it: a row is on the path, as far as that column goes,
/// when it passes all of those nodes.
struct LeafPaths {
  struct Leaf {
    var tree: Int
    var value: Double
    /// Share of the training rows.
    var share: Double
    var elements: Range<Int>
  }

  struct Element {
    var column: Int32
    /// Product of child ÷ parent row counts over the path's nodes that ask about the column.
    var share: Double
    var steps: Range<Int>
  }

  /// A node, by its number in the tree, and the way the path takes.
  struct Step {
    var node: Int32
    var isLeft: Bool
  }

  private(set) var leaves: [Leaf] = []
  private(set) var elements: [Element] = []
  private(set) var steps: [Step] = []
  private(set) var elementCountMax = 0

  init(_ trees: [Tree]) {
    for (index, tree) in trees.enumerated() { add(tree, index) }
  }

  private mutating func add(_ tree: Tree, _ index: Int) {
    func count(_ child: Int32) -> Double {
      Double(child >= 0 ? tree.nodeRowCounts[Int(child)] : tree.leafRowCounts[Int(~child)])
    }
    let total = tree.nodes.isEmpty ? 1 : count(0)
    var pending: [(child: Int32, path: [Step])] = [(tree.nodes.isEmpty ? ~0 : 0, [])]
    while let (child, path) = pending.popLast() {
      guard child < 0 else {
        let node = tree.nodes[Int(child)]
        pending.append((node.right, path + [Step(node: child, isLeft: false)]))
        pending.append((node.left, path + [Step(node: child, isLeft: true)]))
        continue
      }
      let first = elements.count
      // Columns in the order of their first node; a path is short, so a search beats a table.
      for step in path where !elements[first...].contains(where: { $0.column == tree.nodes[Int(step.node)].column }) {
        let column = tree.nodes[Int(step.node)].column
        let start = steps.count
        var share = 1.0
        for step in path where tree.nodes[Int(step.node)].column == column {
          let node = tree.nodes[Int(step.node)]
          share *= count(step.isLeft ? node.left : node.right) / max(count(step.node), 1)
          steps.append(step)
        }
        elements.append(Element(column: column, share: share, steps: start..<steps.count))
      }
      elementCountMax = max(elementCountMax, elements.count - first)
      let leaf = Int(~child)
      leaves.append(
        Leaf(
          tree: index, value: tree.leafValues[leaf], share: tree.nodes.isEmpty ? 1 : count(child) / max(total, 1),
          elements: first..<elements.count))
    }
  }
}

/// Points and weights that integrate polynomials of degree 2n − 1 over [0, 1] exactly.
///
/// - Source: Gauss's rule; roots of the Legendre polynomial by Newton's method (Abramowitz & Stegun 25.4.30).
struct GaussRule {
  let points: [Double]
  let weights: [Double]

  init(pointCount n: Int) {
    var points: [Double] = []
    var weights: [Double] = []
    for index in 0..<n {
      // Tricomi's first guess.
      var x = cos(.pi * (Double(index) + 0.75) / (Double(n) + 0.5))
      var slope = 1.0
      for _ in 0..<60 {
        var (p, previous) = (1.0, 0.0)
        for k in 0..<n {
          (p, previous) = ((Double(2 * k + 1) * x * p - Double(k) * previous) / Double(k + 1), p)
        }
        slope = Double(n) * (x * p - previous) / (x * x - 1)
        let step = p / slope
        x -= step
        if abs(step) < 1e-16 { break }
      }
      points.append(0.5 * (1 - x))
      weights.append(1 / ((1 - x * x) * slope * slope))
    }
    self.points = points
    self.weights = weights
  }
}
