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
  let layout: HistogramLayout
  let searching: SplitSearch
  let rows: LeafRows
  let gradients: UnsafePointer<Double>
  let hessians: UnsafePointer<Double>
  let isHessianConstant: Bool
  /// [N]: the rows' `GradientWord`s.
  let words: UnsafeMutablePointer<Int64>
  /// [N]: the leaf that a row of the tree's sample ended in.
  let leafOfRow: UnsafeMutablePointer<UInt16>
  private let builder: HistogramBuilder
  private var pool: HistogramPool

  // The tree at hand.
  var leaves: [GrowingLeaf] = []
  var tree = Tree()
  var limits: SplitLimits

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
    layout = HistogramLayout(columns: matrix.columns, isHessianConstant: isHessianConstant)
    builder = HistogramBuilder(layout: layout, matrix: matrix)
    searching = SplitSearch(layout: layout, columns: matrix.columns)
    rows = LeafRows(capacity: matrix.rowCount)
    words = .allocate(capacity: matrix.rowCount)
    leafOfRow = .allocate(capacity: matrix.rowCount)
    pool = HistogramPool(layout: layout, byteCountMax: histogramByteCountMax)
    limits = SplitLimits(
      leafRowsMin: 1, hessianMin: 0, l1: 0, l2: 0, gainMin: 0,
      scale: GradientScale(gradients: .init(), hessians: nil, rowHessian: 0, rowCount: 0))
  }

  deinit {
    words.deallocate()
    leafOfRow.deallocate()
  }

  /// Grows a tree on some rows and columns; afterwards `leafOfRow` tells where the sample's rows ended.
  mutating func grow(rows sample: [UInt32], columns: [UInt32]) -> Tree {
    let total = load(sample)
    tree = Tree()
    leaves.removeAll(keepingCapacity: true)
    leaves.append(
      GrowingLeaf(range: 0..<sample.count, depth: 0, total: total, live: liveMask(columns), split: nil, histogram: nil))
    if options.leafCountMax > 1, maySplit(leaves[0]) { buildAndSearch(0) }
    while leaves.count < options.leafCountMax, let index = bestLeaf() { split(index) }
    finish(sample)
    return tree
  }
}

extension TreeGrower {
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
    let leftCount = rows.partition(
      leaf.range, bins: matrix.bins(ofColumn: split.column), lastLeftBin: UInt8(split.bin),
      isMissingLeft: split.isMissingLeft)
    let middle = leaf.range.lowerBound + leftCount
    addNode(for: leaf, split: split, leftCount: leftCount)
    var part = leaf
    part.histogram = nil
    part.split = nil
    part.depth += 1
    part.range = leaf.range.lowerBound..<middle
    part.total = split.left
    part.parent = (tree.nodes.count - 1, isRight: false)
    leaves[index] = part
    part.range = middle..<leaf.range.upperBound
    part.total = leaf.total - split.left
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

  /// Builds a leaf's histogram, searches it, and with `sibling` (a leaf and its parent's histogram) makes the parent's
  /// histogram the sibling's and searches that too; block by block, so that sums are searched while in the cache.
  private mutating func run(
    build index: Int, into histogram: LeafHistogram, isSearched: Bool, sibling: (index: Int, histogram: LeafHistogram)?
  ) {
    let leaf = leaves[index]
    var live = leaf.live
    var siblingLive = sibling.map { leaves[$0.index].live } ?? []
    let scan = GroupScan(total: leaf.total, limits: limits)
    let siblingScan = GroupScan(total: sibling.map { leaves[$0.index].total } ?? QuantaSums(), limits: limits)
    var best = SplitSearch.Candidate()
    var siblingBest = SplitSearch.Candidate()
    let isWhole = leaf.rowCount == matrix.rowCount
    // Both leaves have their parent's live columns: what is built for one is there for the other.
    let built = leaf.live
    live.withUnsafeMutableBufferPointer { live in
      siblingLive.withUnsafeMutableBufferPointer { siblingLive in
        built.withUnsafeBufferPointer { built in
          guard let live = live.baseAddress, let built = built.baseAddress else { return }
          for block in matrix.blocks where block.groups.contains(where: { built[$0] != 0 }) {
            builder.build(
              histogram, block: block, rows: isWhole ? nil : rows.rows + leaf.range.lowerBound, words: words,
              rowCount: leaf.rowCount, rowsPerBatch: limits.scale.rowsPerBatch, live: built)
            for group in block.groups where built[group] != 0 {
              if isSearched { searching.search(group, of: histogram, scan: scan, live: live, best: &best) }
              if let sibling, let siblingLive = siblingLive.baseAddress {
                searching.subtract(histogram, from: sibling.histogram, group: group)
                searching.search(group, of: sibling.histogram, scan: siblingScan, live: siblingLive, best: &siblingBest)
              }
            }
          }
        }
      }
    }
    if isSearched { settle(index, live, best, histogram) }
    if let sibling { settle(sibling.index, siblingLive, siblingBest, sibling.histogram) }
  }

  private mutating func settle(
    _ index: Int, _ live: [UInt8], _ best: SplitSearch.Candidate, _ histogram: LeafHistogram
  ) {
    let split = searching.split(best, of: histogram, total: leaves[index].total, limits: limits)
    leaves[index].split = split
    leaves[index].live = live
    if split == nil {
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

  mutating func giveBackHistograms() {
    for index in leaves.indices {
      pool.giveBack(leaves[index].histogram)
      leaves[index].histogram = nil
    }
  }
}
