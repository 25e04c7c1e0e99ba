// SPDX-License-Identifier: Apache-2.0

/// A tree as another library's file gives it: nodes in any order, nothing believed.
struct ForeignTree {
  struct Node {
    var column: Int
    /// Rows with x ≤ threshold go left.
    var threshold: Float
    var isMissingLeft: Bool
    /// Of a categorical node, else nil.
    var categories: [UInt32]?
    var left: Int
    var right: Int
    var gain: Double
    var value: Double
    var hessian: Double
    var rowCount: Int
  }

  struct Leaf {
    var value: Double
    var hessian: Double
    var rowCount: Int
  }

  /// Children ≥ 0 are nodes, < 0 are ~leaf; the root is node 0, or leaf 0 where there is no node.
  var nodes: [Node]
  var leaves: [Leaf]

  /// A sound tree with children after their parents.
  ///
  /// - Throws: `badModel` for an index out of range, a cycle, a leaf or node that hangs twice or nowhere.
  func checked(name: String, columnCount: Int) throws(BoosterError) -> Tree {
    var tree = Tree()
    tree.leafValues = leaves.map(\.value)
    tree.leafHessians = leaves.map(\.hessian)
    tree.leafRowCounts = leaves.map(\.rowCount)
    guard leaves.count == nodes.count + 1 else {
      throw Self.bad(name, "one leaf more than nodes", "\(nodes.count) nodes, \(leaves.count) leaves")
    }
    guard leaves.allSatisfy({ $0.value.isFinite }) else { throw Self.bad(name, "finite leaf values", "another") }
    var number = [Int](repeating: -1, count: nodes.count)
    var isSeen = [Bool](repeating: false, count: leaves.count)
    var order: [Int] = []
    var pending = nodes.isEmpty ? [] : [0]
    while let index = pending.popLast() {
      guard nodes.indices.contains(index), number[index] < 0 else {
        throw Self.bad(name, "each node to hang once", "child \(index) again, or out of range")
      }
      guard (0..<columnCount).contains(nodes[index].column) else {
        throw Self.bad(name, "columns 0..<\(columnCount)", "\(nodes[index].column)")
      }
      number[index] = order.count
      order.append(index)
      for child in [nodes[index].right, nodes[index].left] {
        if child >= 0 {
          pending.append(child)
        } else {
          guard isSeen.indices.contains(~child), !isSeen[~child] else {
            throw Self.bad(name, "each leaf to hang once", "leaf \(~child) again, or out of range")
          }
          isSeen[~child] = true
        }
      }
    }
    guard order.count == nodes.count, nodes.isEmpty || isSeen.allSatisfy({ $0 }) else {
      throw Self.bad(name, "every node and leaf to hang on the root", "\(order.count) of \(nodes.count) nodes")
    }
    for index in order {
      let node = nodes[index]
      func child(_ child: Int) -> Int32 { Int32(child >= 0 ? number[child] : child) }
      var flat = TreeNode(
        threshold: node.threshold, column: Int32(node.column), left: child(node.left), right: child(node.right), bin: 0,
        isMissingLeft: node.isMissingLeft)
      if let categories = node.categories {
        flat.categoryStart = Int32(tree.categoryWords.count)
        flat.categoryWordCount = Int32(categories.count)
        tree.categoryWords += categories
      }
      tree.nodes.append(flat)
      tree.gains.append(node.gain)
      tree.nodeValues.append(node.value)
      tree.nodeHessians.append(node.hessian)
      tree.nodeRowCounts.append(node.rowCount)
    }
    return tree
  }

  static func bad(_ subject: String, _ expected: String, _ found: String) -> BoosterError {
    BoosterError(.badModel, subject: subject, expected: expected, found: found)
  }
}

extension Float {
  /// The largest single-precision number that is not above: for such x, x ≤ value and x ≤ Float(notAbove: value) are one.
  init(notAbove value: Double) {
    let nearest = Float(value)
    self = Double(nearest) > value ? nearest.nextDown : nearest
  }
}
