// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// Grows one tree after another on the same binned rows, leaf by leaf: the leaf whose best split gains most is split next,
/// the earlier made one of equals.
///
/// - Source: leaf-wise (best-first) growth, Shi 2007, and Ke et al. 2017; of two siblings the smaller is built and the
///   larger had by subtraction.
struct TreeGrower: ~Copyable {
  let matrix: BinnedMatrix
  let options: BoosterOptions
  let rows: LeafRows
  let gradients: UnsafePointer<Double>
  let hessians: UnsafePointer<Double>
  let isHessianConstant: Bool
  /// [N]: the rows' `GradientWord`s.
  let words: UnsafeMutablePointer<Int64>
  /// [N]: the leaf that a row of the tree's sample ended in.
  let leafOfRow: UnsafeMutablePointer<UInt16>
  private let pass: LeafPass
  private let monotone: [Int8]
  private let whole: TreeColumns
  private let drawn: DrawnColumns
  private let ways: Ways
  private var pool: HistogramPool

  // The tree at hand.
  private var columns: TreeColumns
  var leaves: [GrowingLeaf] = []
  var tree = Tree()
  var limits: SplitLimits
  var learningRate = 0.0

  /// Ways to the same tree: tests take each.
  struct Ways {
    /// With AVX-512.
    var isWide = PairScan.isAvailable
    var gathersDrawnColumns = true
  }

  /// - Parameters:
  ///   - gradients, hessians: [N], read at each `grow`; the caller keeps them alive.
  ///   - monotone: `SplitSearch.monotone`.
  init(
    matrix: BinnedMatrix, options: BoosterOptions, gradients: UnsafePointer<Double>, hessians: UnsafePointer<Double>,
    isHessianConstant: Bool, monotone: [Int8], threads: BoosterThreads, histogramByteCountMax: Int,
    ways: Ways = Ways()
  ) {
    self.matrix = matrix
    self.options = options
    self.gradients = gradients
    self.hessians = hessians
    self.isHessianConstant = isHessianConstant
    self.monotone = monotone
    whole = TreeColumns(matrix, isHessianConstant: isHessianConstant, monotone: monotone)
    drawn = DrawnColumns(of: matrix, isHessianConstant: isHessianConstant, monotone: monotone)
    columns = whole
    self.ways = ways
    pass = LeafPass(matrix: matrix, threads: threads, isWide: ways.isWide)
    rows = LeafRows(capacity: matrix.rowCount)
    words = .allocate(capacity: matrix.rowCount)
    leafOfRow = .allocate(capacity: matrix.rowCount)
    pool = HistogramPool(byteCountMax: histogramByteCountMax)
    limits = SplitLimits(
      leafRowsMin: 1, hessianMin: 0, l1: 0, l2: 0, gainMin: 0,
      scale: GradientScale(gradients: .init(), hessians: nil, rowHessian: 0, rowCount: 0), isDithered: false)
  }

  deinit {
    words.deallocate()
    leafOfRow.deallocate()
  }

  /// Grows a tree on some rows and columns; afterwards `leafOfRow` tells where the sample's rows ended.
  mutating func grow(
    rows sample: [UInt32], columns numbers: [UInt32], dither: GradientDither, learningRate: Double
  ) -> Tree {
    self.learningRate = learningRate
    let live = choose(numbers)
    let total = load(sample, dither)
    tree = Tree()
    leaves.removeAll(keepingCapacity: true)
    leaves.append(
      GrowingLeaf(range: 0..<sample.count, depth: 0, total: total, live: live, split: nil, histogram: nil))
    if options.leafCountMax > 1, maySplit(leaves[0]) { buildAndSearch(0) }
    while leaves.count < options.leafCountMax, let index = bestLeaf() { split(index) }
    finish(sample)
    return tree
  }
}

extension TreeGrower {
  /// Sets the tree's columns; returns the bits of those that may split: all drawn ones. Columns of one bin and nothing
  /// missing, or of nothing but missing, cannot; the search finds that out.
  private mutating func choose(_ numbers: [UInt32]) -> [UInt8] {
    let lanes = HistogramLayout.lanes
    let isDense = (numbers.count + lanes - 1) / lanes < whole.layout.groupCount
    columns = ways.gathersDrawnColumns && isDense && matrix.rowCount > 0 ? drawn.gather(numbers) : whole
    pool.prepare(for: columns.layout)
    var mask = [UInt8](repeating: 0, count: columns.layout.groupCount)
    for (index, number) in numbers.enumerated() {
      let column = columns.numbers == nil ? Int(number) : index
      mask[column / lanes] |= 1 << UInt8(column % lanes)
    }
    return mask
  }

  private func maySplit(_ leaf: GrowingLeaf) -> Bool {
    (options.depthMax == 0 || leaf.depth < options.depthMax) && leaf.rowCount >= 2 * options.leafRowsMin
  }

  /// Of the largest gain; growing by level, of the largest gain among the least deep.
  private func bestLeaf() -> Int? {
    var best: (index: Int, depth: Int, gain: Double)?
    for (index, leaf) in leaves.enumerated() {
      guard let gain = leaf.split?.gain else { continue }
      let depth = options.growth == .level ? leaf.depth : 0
      guard let current = best else {
        best = (index, depth, gain)
        continue
      }
      if depth < current.depth || (depth == current.depth && gain > current.gain) { best = (index, depth, gain) }
    }
    return best?.index
  }

  /// Parts leaf `index`: its left part takes its place, its right part comes last.
  private mutating func split(_ index: Int) {
    let leaf = leaves[index]
    guard let split = leaf.split else { return }
    let leftCount = partition(leaf.range, by: split)
    let (leftBounds, rightBounds) = bounds(below: leaf, split)
    let middle = leaf.range.lowerBound + leftCount
    addNode(for: leaf, split: split, leftCount: leftCount)
    var part = leaf
    part.histogram = nil
    part.split = nil
    part.depth += 1
    part.range = leaf.range.lowerBound..<middle
    part.total = split.left
    part.bounds = leftBounds
    part.parent = (tree.nodes.count - 1, isRight: false)
    leaves[index] = part
    part.range = middle..<leaf.range.upperBound
    part.total = leaf.total - split.left
    part.bounds = rightBounds
    part.parent = (tree.nodes.count - 1, isRight: true)
    leaves.append(part)
    if leaves.count < options.leafCountMax {
      searchChildren(index, leaves.count - 1, parentHistogram: leaf.histogram)
    } else {
      pool.giveBack(leaf.histogram)
    }
  }

  private func partition(_ range: Range<Int>, by split: Split) -> Int {
    let bins = matrix.bins(ofColumn: split.column)
    guard let leftBins = split.leftBins else {
      return rows.partition(range, bins: bins, lastLeftBin: UInt8(split.bin), isMissingLeft: split.isMissingLeft)
    }
    return (0..<256).map { leftBins.contains($0) }.withUnsafeBufferPointer { table in
      table.baseAddress.map { rows.partition(range, bins: bins, leftBins: $0) } ?? 0
    }
  }

  /// Below a split on a monotone column nothing may pass the midpoint of the two values.
  private func bounds(below leaf: GrowingLeaf, _ split: Split) -> (ValueBounds, ValueBounds) {
    guard !monotone.isEmpty, monotone[split.column] != 0 else { return (leaf.bounds, leaf.bounds) }
    let middle =
      0.5
      * (limits.value(split.left, bounds: leaf.bounds) + limits.value(leaf.total - split.left, bounds: leaf.bounds))
    var (left, right) = (leaf.bounds, leaf.bounds)
    if monotone[split.column] > 0 {
      left.high = middle
      right.low = middle
    } else {
      left.low = middle
      right.high = middle
    }
    return (left, right)
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
    let histogram = take()
    let isSmallSearched = maySplit(leaves[small])
    run(build: small, into: histogram, isSearched: isSmallSearched, sibling: (large, parentHistogram))
    if !isSmallSearched { pool.giveBack(histogram) }
  }

  private mutating func buildAndSearch(_ index: Int) {
    run(build: index, into: take(), isSearched: true, sibling: nil)
  }

  private mutating func take() -> LeafHistogram {
    if pool.isExhausted { dropHistogram() }
    return pool.take()
  }

  /// One pass over a leaf's rows, which may leave its sibling the parent's histogram.
  private mutating func run(
    build index: Int, into histogram: LeafHistogram, isSearched: Bool, sibling: (index: Int, histogram: LeafHistogram)?
  ) {
    var built = part(index, histogram)
    var other = sibling.map { (index, histogram) in part(index, histogram) }
    let range = leaves[index].range
    pass.run(
      &built, sibling: &other, of: columns, rows: range.count == matrix.rowCount ? nil : rows.rows + range.lowerBound,
      rowCount: range.count, words: words, isSearched: isSearched)
    if isSearched { settle(index, built) }
    if let sibling, let other { settle(sibling.index, other) }
  }

  private func part(_ index: Int, _ histogram: LeafHistogram) -> LeafPass.Part {
    let leaf = leaves[index]
    return LeafPass.Part(
      leaf: SplitSearch.Leaf(total: leaf.total, bounds: leaf.bounds, limits: limits), histogram: histogram,
      live: leaf.live)
  }

  private mutating func settle(_ index: Int, _ part: LeafPass.Part) {
    var split = columns.searching.split(part.best, of: part.histogram, leaf: part.leaf)
    if let found = split { split?.column = columns.number(of: found.column) }
    leaves[index].split = split
    leaves[index].live = part.live
    if split == nil {
      pool.giveBack(part.histogram)
    } else {
      leaves[index].histogram = part.histogram
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

  mutating func giveBackHistograms() {
    for index in leaves.indices {
      pool.giveBack(leaves[index].histogram)
      leaves[index].histogram = nil
    }
  }
}
