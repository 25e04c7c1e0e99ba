// SPDX-License-Identifier: Apache-2.0

/// One inner node: rows with x ≤ threshold go left, missing ones where `isMissingLeft` says. Of a categorical column rows go
/// left whose category, x cut to an integer, is in the node's set; missing, negative and unknown ones go right.
///
/// A child c ≥ 0 is the inner node c, a child c < 0 the leaf ~c; LightGBM's convention.
package struct TreeNode: Hashable, Sendable {
  package var threshold: Float
  package var column: Int32
  package var left: Int32
  package var right: Int32
  /// The last bin that goes left: the threshold as the training rows know it.
  package var bin: UInt8
  package var isMissingLeft: Bool
  /// The set's first word in the tree's `categoryWords`; −1 for a numeric column.
  package var categoryStart: Int32 = -1
  package var categoryWordCount: Int32 = 0

  package var isCategorical: Bool { categoryStart >= 0 }
}

/// A regression tree in flat arrays. Nodes stand in the order in which leaves were split; the root is node 0. A tree
/// without nodes is its one leaf.
package struct Tree: Hashable, Sendable {
  package var nodes: [TreeNode] = []
  /// Bit c % 32 of a set's word c / 32 is category c.
  package var categoryWords: [UInt32] = []
  /// What a leaf adds to the score, shrinkage included; [L].
  package var leafValues: [Double] = []
  package var leafRowCounts: [Int] = []
  package var leafHessians: [Double] = []
  /// Gain of each node's split, in units of the loss; [L − 1].
  package var gains: [Double] = []
  /// What each node would add if it were a leaf; [L − 1].
  package var nodeValues: [Double] = []
  package var nodeRowCounts: [Int] = []
  package var nodeHessians: [Double] = []

  /// Levels below the root that the deepest leaf lies.
  package var depth: Int {
    var depths = [Int](repeating: 0, count: nodes.count)
    var deepest = 0
    // A node's children come after it, so one pass in order suffices.
    for (index, node) in nodes.enumerated() {
      for child in [node.left, node.right] {
        deepest = max(deepest, depths[index] + 1)
        if child >= 0 { depths[Int(child)] = depths[index] + 1 }
      }
    }
    return deepest
  }
}

extension Tree {
  /// The tree with all that it adds multiplied.
  func scaled(by factor: Double) -> Tree {
    var tree = self
    tree.leafValues = leafValues.map { $0 * factor }
    tree.nodeValues = nodeValues.map { $0 * factor }
    return tree
  }

  /// Adds the tree's values to the scores of rows.
  ///
  /// - Parameter values: [N, columnCount] row-major, NaN missing.
  func add(to scores: UnsafeMutablePointer<Double>, values: UnsafePointer<Float>?, rowCount: Int, columnCount: Int) {
    guard !nodes.isEmpty, let values else {
      for row in 0..<rowCount { scores[row] += leafValues[0] }
      return
    }
    for row in 0..<rowCount { scores[row] += leafValues[leaf(values + row * columnCount)] }
  }

  /// The leaf of a raw row, [F].
  @inline(__always)
  func leaf(_ values: UnsafePointer<Float>) -> Int {
    guard !nodes.isEmpty else { return 0 }
    var index = 0
    repeat {
      let node = nodes[index]
      let isLeft = sendsLeft(values[Int(node.column)], node)
      index = Int(isLeft ? node.left : node.right)
    } while index >= 0
    return ~index
  }

  @inline(__always)
  func sendsLeft(_ value: Float, _ node: TreeNode) -> Bool {
    // A NaN compares false, so only the flag can send it left.
    node.isCategorical
      ? contains(value, node) : value <= node.threshold || (node.isMissingLeft && value.isNaN)
  }

  /// Whether a categorical node sends a value left.
  func contains(_ value: Float, _ node: TreeNode) -> Bool {
    guard value > -1, value < Float(node.categoryWordCount) * 32 else { return false }
    let category = Int(value)
    return categoryWords[Int(node.categoryStart) + category / 32] >> UInt32(category % 32) & 1 == 1
  }

  /// The leaf of a training row.
  func leaf(row: Int, of matrix: BinnedMatrix) -> Int {
    guard !nodes.isEmpty else { return 0 }
    var index = 0
    repeat {
      let node = nodes[index]
      let bin = matrix.bin(row: row, column: Int(node.column))
      let isLeft =
        bin == 0
        ? node.isMissingLeft
        : node.isCategorical
          ? matrix.columns[Int(node.column)].categories.map { contains(Float($0[bin - 1]), node) } ?? false
          : bin <= Int(node.bin)
      index = Int(isLeft ? node.left : node.right)
    } while index >= 0
    return ~index
  }
}
