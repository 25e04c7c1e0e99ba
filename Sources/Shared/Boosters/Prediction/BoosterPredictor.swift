// SPDX-License-Identifier: Apache-2.0

import CIntrinsics

/// A booster made ready to predict: 8 rows at once, without a branch on a value.
///
/// A tree's leaves are numbered from left to right. Each node that sends a row right strikes out the leaves on its left; the
/// lowest leaf that is left over is the row's. So nodes are compared in any order, no load waits for another, and all nodes
/// of a tree cost less than a walk down a few of them. Trees of more than 32 leaves are taken in words of 32, each with
/// the nodes that have leaves in it on their left.
///
/// - Source: Lucchese et al. 2015, "QuickScorer", and 2016, "Exploiting CPU SIMD Extensions to Speed-up Document Scoring with
///   Tree Ensembles" (V-QuickScorer); here by tree instead of by feature, which suits registers.
package final class BoosterPredictor: Sendable {
  static let lanes = 8

  private let booster: Booster
  private let words: [LeafWord]
  private let tests: [NodeTest]
  /// Leaf values from left to right, tree after tree.
  private let leafValues: [Double]
  /// Columns that any node looks at; their place is the number that tests know.
  private let columns: [Int]

  package init(_ booster: Booster) {
    self.booster = booster
    var builder = Builder(booster)
    for (index, tree) in booster.trees.enumerated() { builder.add(tree, index: index) }
    words = builder.words
    tests = builder.tests
    leafValues = builder.leafValues
    columns = builder.columns
  }

  /// Scores before the link, summed tree by tree in the order of growth: the same bits as while training.
  ///
  /// - Parameter values: [N, F] row-major, NaN missing.
  package func scores(_ values: UnsafeBufferPointer<Float>, rowCount: Int) -> [Double] {
    let columnCount = booster.columnCount
    precondition(
      values.count == rowCount * columnCount, "\(values.count) values are not \(rowCount) × \(columnCount)")
    var scores = [Double](repeating: booster.initialScore, count: rowCount)
    guard let base = values.baseAddress, rowCount > 0 else { return scores }
    let byteCount = max(columns.count, 1) * Self.lanes * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 32)
    defer { raw.deallocate() }
    let tile = raw.bindMemory(to: Float.self, capacity: byteCount / MemoryLayout<Float>.stride)
    scores.withUnsafeMutableBufferPointer { scores in
      guard let scores = scores.baseAddress else { return }
      for first in stride(from: 0, to: rowCount, by: Self.lanes) {
        let count = min(Self.lanes, rowCount - first)
        transpose(base + first * columnCount, count: count, into: tile)
        add(tile, to: scores + first, count: count)
      }
    }
    return scores
  }

  /// Probabilities of label 1, or values in the label's unit.
  package func predict(_ values: UnsafeBufferPointer<Float>, rowCount: Int) -> [Float] {
    scores(values, rowCount: rowCount).map(booster.objective.prediction)
  }

  /// Column by column, 8 rows each; rows that are not there repeat the last one.
  private func transpose(_ rows: UnsafePointer<Float>, count: Int, into tile: UnsafeMutablePointer<Float>) {
    let columnCount = booster.columnCount
    for lane in 0..<Self.lanes {
      let row = rows + min(lane, count - 1) * columnCount
      for (slot, column) in columns.enumerated() { tile[slot * Self.lanes + lane] = row[column] }
    }
  }

  private func add(_ tile: UnsafePointer<Float>, to scores: UnsafeMutablePointer<Double>, count: Int) {
    let columns = UnsafeRawPointer(tile).assumingMemoryBound(to: SIMD8<Float>.self)
    // Lanes whose leaf is in an earlier word of the tree at hand.
    var settled: UInt8 = 0
    for word in words {
      if word.isFirst { settled = 0 }
      var struckOut = tests.withUnsafeBufferPointer { Self.strike(word, $0, columns) }
      if !word.categorical.isEmpty { strikeCategories(word, columns, &struckOut) }
      for lane in 0..<count where settled >> UInt8(lane) & 1 == 0 {
        let left = ~UInt32(bitPattern: struckOut[lane]) & word.leaves
        guard left != 0 else { continue }
        scores[lane] += leafValues[word.firstLeaf + left.trailingZeroBitCount]
        settled |= 1 << UInt8(lane)
      }
    }
  }

  /// Leaves of a word that are not the row's, or are right of it; for 8 rows.
  @inline(__always)
  private static func strike(
    _ word: LeafWord, _ tests: UnsafeBufferPointer<NodeTest>, _ columns: UnsafePointer<SIMD8<Float>>
  ) -> SIMD8<Int32> {
    // Not `.zero`: Swift 6.3.1 crashes on it here.
    var struckOut = SIMD8<Int32>(repeating: 0)
    for index in word.missingLeft {
      let test = tests[index]
      let isRight = cintrinsics_above(columns[Int(test.slot)], SIMD8(repeating: test.threshold))
      struckOut |= isRight & SIMD8(repeating: test.leftLeaves)
    }
    for index in word.missingRight {
      let test = tests[index]
      let isRight = cintrinsics_not_at_most(columns[Int(test.slot)], SIMD8(repeating: test.threshold))
      struckOut |= isRight & SIMD8(repeating: test.leftLeaves)
    }
    return struckOut
  }

  private func strikeCategories(
    _ word: LeafWord, _ columns: UnsafePointer<SIMD8<Float>>, _ struckOut: inout SIMD8<Int32>
  ) {
    let tree = booster.trees[word.tree]
    for index in word.categorical {
      let test = tests[index]
      for lane in 0..<Self.lanes where !tree.contains(columns[Int(test.slot)][lane], tree.nodes[Int(test.node)]) {
        struckOut[lane] |= test.leftLeaves
      }
    }
  }
}

/// 32 leaves of a tree and the tests that may strike them out.
private struct LeafWord {
  var tree: Int
  var isFirst: Bool
  /// Of its lowest leaf, among all trees' leaves.
  var firstLeaf: Int
  /// A bit a leaf that there is.
  var leaves: UInt32
  var missingLeft: Range<Int>
  var missingRight: Range<Int>
  var categorical: Range<Int>
}

private struct NodeTest {
  var threshold: Float
  var slot: Int32
  /// Leaves of the word on the node's left.
  var leftLeaves: Int32
  var node: Int32
}

private struct Builder {
  var words: [LeafWord] = []
  var tests: [NodeTest] = []
  var leafValues: [Double] = []
  let columns: [Int]
  private let slots: [Int32]

  init(_ booster: Booster) {
    var isUsed = [Bool](repeating: false, count: booster.columnCount)
    for tree in booster.trees { for node in tree.nodes { isUsed[Int(node.column)] = true } }
    columns = isUsed.indices.filter { isUsed[$0] }
    var slots = [Int32](repeating: 0, count: booster.columnCount)
    for (slot, column) in columns.enumerated() { slots[column] = Int32(slot) }
    self.slots = slots
  }

  mutating func add(_ tree: Tree, index: Int) {
    let order = tree.leafOrder()
    for start in stride(from: 0, to: order.leaves.count, by: 32) {
      let count = min(32, order.leaves.count - start)
      let kinds = tree.nodes.indices.map { node in
        tree.nodes[node].isCategorical ? 2 : tree.nodes[node].isMissingLeft ? 0 : 1
      }
      let ranges = (0..<3).map { kind in
        let first = tests.count
        for node in tree.nodes.indices where kinds[node] == kind {
          let left = order.left[node].clamped(to: start..<(start + count))
          guard !left.isEmpty else { continue }
          let bits = (UInt64(1) << UInt64(left.count) - 1) << UInt64(left.lowerBound - start)
          tests.append(
            NodeTest(
              threshold: tree.nodes[node].threshold, slot: slots[Int(tree.nodes[node].column)],
              leftLeaves: Int32(truncatingIfNeeded: bits), node: Int32(node)))
        }
        return first..<tests.count
      }
      words.append(
        LeafWord(
          tree: index, isFirst: start == 0, firstLeaf: leafValues.count + start,
          leaves: UInt32(truncatingIfNeeded: UInt64(1) << UInt64(count) - 1), missingLeft: ranges[0],
          missingRight: ranges[1], categorical: ranges[2]))
    }
    leafValues += order.leaves.map { tree.leafValues[$0] }
  }
}

extension Tree {
  /// Leaves from left to right, and for each node the places of those on its left.
  func leafOrder() -> (leaves: [Int], left: [Range<Int>]) {
    guard !nodes.isEmpty else { return ([0], []) }
    var leaves: [Int] = []
    var left = [Range<Int>](repeating: 0..<0, count: nodes.count)
    // Deep trees would overflow a recursion: a stack of (child, the node whose left part ends before it).
    var pending: [(child: Int32, ends: Int?)] = [(0, nil)]
    while let (child, ends) = pending.popLast() {
      if let ends { left[ends] = left[ends].lowerBound..<leaves.count }
      guard child >= 0 else {
        leaves.append(Int(~child))
        continue
      }
      left[Int(child)] = leaves.count..<leaves.count
      pending.append((nodes[Int(child)].right, Int(child)))
      pending.append((nodes[Int(child)].left, nil))
    }
    return (leaves, left)
  }
}
