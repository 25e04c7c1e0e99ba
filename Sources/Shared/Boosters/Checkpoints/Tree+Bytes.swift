// SPDX-License-Identifier: Apache-2.0

extension ByteWriter {
  mutating func write(_ tree: Tree) {
    write(Int64(tree.nodes.count))
    for node in tree.nodes {
      write(node.threshold)
      write(node.column)
      write(node.left)
      write(node.right)
      write(node.bin)
      write(UInt8(node.isMissingLeft ? 1 : 0))
      write(node.categoryStart)
      write(node.categoryWordCount)
    }
    write(tree.categoryWords)
    for values in [tree.leafValues, tree.leafHessians, tree.gains, tree.nodeValues, tree.nodeHessians] { write(values) }
    for counts in [tree.leafRowCounts, tree.nodeRowCounts] { write(counts) }
  }
}

extension ByteReader {
  /// A tree that can be walked: no index is out of range, no node is its own descendant.
  mutating func tree(columnCount: Int) throws(BoosterError) -> Tree {
    var tree = Tree()
    for _ in 0..<(try count(elementSize: 26)) {
      let threshold = try float()
      let column: Int32 = try integer()
      let left: Int32 = try integer()
      let right: Int32 = try integer()
      let bin: UInt8 = try integer()
      let isMissingLeft: UInt8 = try integer()
      var node = TreeNode(
        threshold: threshold, column: column, left: left, right: right, bin: bin, isMissingLeft: isMissingLeft != 0)
      node.categoryStart = try integer()
      node.categoryWordCount = try integer()
      tree.nodes.append(node)
    }
    tree.categoryWords = try words()
    tree.leafValues = try doubles()
    tree.leafHessians = try doubles()
    tree.gains = try doubles()
    tree.nodeValues = try doubles()
    tree.nodeHessians = try doubles()
    tree.leafRowCounts = try integers()
    tree.nodeRowCounts = try integers()
    if let fault = tree.fault(columnCount: columnCount) { throw Self.damaged("a sound tree", fault) }
    return tree
  }
}

extension Tree {
  /// What is wrong with the tree; nil when every walk through it ends at a leaf.
  ///
  /// - Complexity: O(nodes).
  func fault(columnCount: Int) -> String? {
    let leafCount = nodes.count + 1
    let perLeaf = [leafValues.count, leafHessians.count, leafRowCounts.count]
    let perNode = [gains.count, nodeValues.count, nodeHessians.count, nodeRowCounts.count]
    guard perLeaf.allSatisfy({ $0 == leafCount }), perNode.allSatisfy({ $0 == nodes.count }) else {
      return "\(nodes.count) nodes with \(perLeaf) leaves and \(perNode) statistics"
    }
    var isReached = [Bool](repeating: false, count: nodes.count + leafCount)
    for (index, node) in nodes.enumerated() {
      guard node.column >= 0, node.column < columnCount else { return "column \(node.column) of \(columnCount)" }
      if node.isCategorical {
        guard node.categoryWordCount >= 0,
          Int64(node.categoryStart) + Int64(node.categoryWordCount) <= Int64(categoryWords.count)
        else { return "categories of node \(index) out of range" }
      }
      for child in [node.left, node.right] {
        let slot = child >= 0 ? Int(child) : nodes.count + Int(~child)
        // Children after their parents, each hanging once: no cycles, and nothing left over by counting.
        guard child < 0 || Int(child) > index, slot < isReached.count, child < 0 || Int(child) < nodes.count else {
          return "child \(child) of node \(index)"
        }
        guard !isReached[slot] else { return "child \(child) of node \(index), which already hangs elsewhere" }
        isReached[slot] = true
      }
    }
    return nil
  }
}
