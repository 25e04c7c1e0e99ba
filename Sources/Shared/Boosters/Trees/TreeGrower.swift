// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// Grows one tree after another on the same binned rows, leaf by leaf: the leaf whose best split gains most is split next,
/// the earlier made one of equals.
///
/// - Source: leaf-wise (best-first) growth, Shi 2007, and Ke et al. 2017; of two siblings the smaller is built and the
///   larger had by subtraction.
struct TreeGrower: ~Copyable {
  private let matrix: BinnedMatrix
  private let options: BoosterOptions
  private let layout: HistogramLayout
  private let builder: HistogramBuilder
  private let searching: SplitSearch
  private let rows: LeafRows
  private let gradients: UnsafePointer<Double>
  private let hessians: UnsafePointer<Double>
  private let isHessianConstant: Bool
  private var pool: HistogramPool

  // The tree at hand.
  private var leaves: [GrowingLeaf] = []
  private var tree = Tree()
  private var limits: SplitLimits

  /// - Parameters:
  ///   - gradients, hessians: [N], read at each `grow`; the caller keeps them alive.
  init(
    matrix: BinnedMatrix, options: BoosterOptions, gradients: UnsafePointer<Double>, hessians: UnsafePointer<Double>,
    isHessianConstant: Bool, histogramByteCountMax: Int
  ) {
    self.matrix = matrix
    self.options = options
    self.gradients = gradients
    self.hessians = hessians
    self.isHessianConstant = isHessianConstant
    let counts: CountWidth = isHessianConstant ? .none : matrix.rowCount < 1 << 16 ? .bits16 : .bits32
    layout = HistogramLayout(columns: matrix.columns, counts: counts)
    builder = HistogramBuilder(layout: layout, matrix: matrix)
    searching = SplitSearch(layout: layout, columns: matrix.columns)
    rows = LeafRows(capacity: matrix.rowCount)
    pool = HistogramPool(layout: layout, byteCountMax: histogramByteCountMax)
    limits = SplitLimits(
      leafRowsMin: 1, hessianMin: 0, l1: 0, l2: 0, gainMin: 0,
      scale: GradientScale(gradientSum: 0, hessianSum: 0, rowCount: 0), rowHessian: nil)
  }

  /// Grows a tree on some rows and columns. Its leaves' rows can be asked for until the next call.
  mutating func grow(rows sample: [UInt32], columns: [UInt32]) -> Tree {
    let total = load(sample)
    tree = Tree()
    leaves.removeAll(keepingCapacity: true)
    leaves.append(
      GrowingLeaf(range: 0..<sample.count, depth: 0, total: total, live: liveMask(columns), split: nil, histogram: nil))
    if options.leafCountMax > 1, maySplit(leaves[0]) { buildAndSearch(0) }
    while leaves.count < options.leafCountMax, let index = bestLeaf() { split(index) }
    finish()
    return tree
  }

  /// Rows of the last tree's leaf.
  func rows(ofLeaf index: Int) -> UnsafeBufferPointer<UInt32> {
    let range = leaves[index].range
    return UnsafeBufferPointer(start: rows.rows + range.lowerBound, count: range.count)
  }
}

extension TreeGrower {
  /// Rounds the sample's gradients to quanta; returns the sum of their words.
  private mutating func load(_ sample: [UInt32]) -> Int64 {
    var gradientSum = 0.0
    var hessianSum = 0.0
    for row in sample {
      gradientSum += abs(gradients[Int(row)])
      hessianSum += hessians[Int(row)]
    }
    let scale = GradientScale(gradientSum: gradientSum, hessianSum: hessianSum, rowCount: sample.count)
    var total: Int64 = 0
    for (index, row) in sample.enumerated() {
      let word = scale.word(gradient: gradients[Int(row)], hessian: hessians[Int(row)])
      rows.rows[index] = row
      rows.words[index] = word
      total &+= word
    }
    limits = SplitLimits(
      leafRowsMin: options.leafRowsMin, hessianMin: options.leafHessianMin, l1: options.l1, l2: options.l2,
      gainMin: options.gainMin, scale: scale,
      rowHessian: isHessianConstant && !sample.isEmpty ? Int64(GradientWord.hessian(rows.words[0])) : nil)
    return total
  }

  /// Columns of one bin and nothing missing, or of nothing but missing, cannot split; the search finds that out.
  private func liveMask(_ columns: [UInt32]) -> [UInt8] {
    var mask = [UInt8](repeating: 0, count: layout.groupCount)
    for column in columns {
      mask[Int(column) / HistogramLayout.lanes] |= 1 << UInt8(Int(column) % HistogramLayout.lanes)
    }
    return mask
  }

  private func maySplit(_ leaf: GrowingLeaf) -> Bool {
    (options.depthMax == 0 || leaf.depth < options.depthMax) && leaf.rowCount >= 2 * options.leafRowsMin
  }

  private func bestLeaf() -> Int? {
    var best: (index: Int, gain: Double)?
    for (index, leaf) in leaves.enumerated() {
      guard let gain = leaf.split?.gain, gain > best?.gain ?? -.infinity else { continue }
      best = (index, gain)
    }
    return best?.index
  }

  /// Parts leaf `index`: its left part takes its place, its right part comes last.
  private mutating func split(_ index: Int) {
    let leaf = leaves[index]
    guard let split = leaf.split else { return }
    let block = matrix.blocks[split.column / BinBlock.columnCountMax]
    let (leftCount, leftTotal) = rows.partition(
      leaf.range, bins: matrix.base(of: block) + split.column % BinBlock.columnCountMax, stride: block.width,
      lastLeftBin: UInt8(split.bin), isMissingLeft: split.isMissingLeft)
    let middle = leaf.range.lowerBound + leftCount
    addNode(for: leaf, split: split, leftCount: leftCount)
    var part = leaf
    part.histogram = nil
    part.split = nil
    part.depth += 1
    part.range = leaf.range.lowerBound..<middle
    part.total = leftTotal
    part.parent = (tree.nodes.count - 1, isRight: false)
    leaves[index] = part
    part.range = middle..<leaf.range.upperBound
    part.total = leaf.total &- leftTotal
    part.parent = (tree.nodes.count - 1, isRight: true)
    leaves.append(part)
    if leaves.count < options.leafCountMax {
      searchChildren(index, leaves.count - 1, parentHistogram: leaf.histogram)
    } else {
      pool.giveBack(leaf.histogram)
    }
  }

  /// Searches the new leaves as far as they may be split, from as few rows as possible.
  private mutating func searchChildren(_ first: Int, _ second: Int, parentHistogram: LeafHistogram?) {
    let isFirstSmaller = leaves[first].rowCount <= leaves[second].rowCount
    let small = isFirstSmaller ? first : second
    let large = isFirstSmaller ? second : first
    guard maySplit(leaves[large]) else { return pool.giveBack(parentHistogram) }
    guard let parentHistogram else {
      buildAndSearch(large)
      if maySplit(leaves[small]) { buildAndSearch(small) }
      return
    }
    let histogram = build(small)
    search(large, in: parentHistogram, subtracting: histogram)
    if maySplit(leaves[small]) {
      search(small, in: histogram, subtracting: nil)
    } else {
      pool.giveBack(histogram)
    }
  }

  private mutating func buildAndSearch(_ index: Int) { search(index, in: build(index), subtracting: nil) }

  private mutating func build(_ index: Int) -> LeafHistogram {
    if pool.isExhausted { dropHistogram() }
    let histogram = pool.take()
    let range = leaves[index].range
    builder.build(
      histogram, rows: rows.rows + range.lowerBound, words: rows.words + range.lowerBound, rowCount: range.count,
      live: leaves[index].live)
    return histogram
  }

  private mutating func search(_ index: Int, in histogram: LeafHistogram, subtracting sibling: LeafHistogram?) {
    let outcome = searching.search(
      histogram, subtracting: sibling, total: leaves[index].total, rowCount: leaves[index].rowCount,
      live: leaves[index].live, limits: limits)
    leaves[index].split = outcome.split
    leaves[index].live = outcome.live
    if outcome.split == nil {
      pool.giveBack(histogram)
    } else {
      leaves[index].histogram = histogram
    }
  }

  /// Takes the histogram of the leaf that is likely to be split last.
  private mutating func dropHistogram() {
    var worst: (index: Int, gain: Double)?
    for (index, leaf) in leaves.enumerated() where leaf.histogram != nil {
      let gain = leaf.split?.gain ?? 0
      if gain < worst?.gain ?? .infinity { worst = (index, gain) }
    }
    guard let worst else { return }
    pool.giveBack(leaves[worst.index].histogram)
    leaves[worst.index].histogram = nil
  }
}

extension TreeGrower {
  private mutating func addNode(for leaf: GrowingLeaf, split: Split, leftCount: Int) {
    let (value, hessian) = leafValue(leaf)
    let bins = matrix.columns[split.column]
    tree.nodes.append(
      TreeNode(
        threshold: bins.threshold(after: split.bin), column: Int32(split.column), left: 0, right: 0,
        bin: UInt8(split.bin),
        // Where no training row was missing, missing ones follow the majority.
        isMissingLeft: split.hasMissing ? split.isMissingLeft : 2 * leftCount >= leaf.rowCount))
    tree.gains.append(split.gain)
    tree.nodeValues.append(value)
    tree.nodeRowCounts.append(leaf.rowCount)
    tree.nodeHessians.append(hessian)
    link(leaf.parent, to: Int32(tree.nodes.count - 1))
  }

  private mutating func link(_ parent: (node: Int, isRight: Bool)?, to child: Int32) {
    guard let parent else { return }
    if parent.isRight { tree.nodes[parent.node].right = child } else { tree.nodes[parent.node].left = child }
  }

  private mutating func finish() {
    for (index, leaf) in leaves.enumerated() {
      let (value, hessian) = leafValue(leaf)
      tree.leafValues.append(value)
      tree.leafHessians.append(hessian)
      tree.leafRowCounts.append(leaf.rowCount)
      link(leaf.parent, to: ~Int32(index))
      pool.giveBack(leaf.histogram)
      leaves[index].histogram = nil
    }
  }

  /// Newton step −η·S(G)/(H + λ) and H, from the unrounded gradients of the leaf's rows in ascending order.
  ///
  /// - Source: Chen & Guestrin 2016, equation 5, with the L1 term of their implementation; η is Friedman's shrinkage.
  private func leafValue(_ leaf: GrowingLeaf) -> (value: Double, hessian: Double) {
    var gradient = 0.0
    var hessian = 0.0
    for index in leaf.range {
      gradient += gradients[Int(rows.rows[index])]
      hessian += hessians[Int(rows.rows[index])]
    }
    let magnitude = max(abs(gradient) - options.l1, 0)
    let denominator = hessian + options.l2
    guard denominator > 0, magnitude > 0 else { return (0, hessian) }
    return (options.learningRate * (gradient > 0 ? -magnitude : magnitude) / denominator, hessian)
  }
}
