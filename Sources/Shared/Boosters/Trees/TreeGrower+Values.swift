// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// What goes into a tree's growth, and what comes out of it, in units of the loss.
extension TreeGrower {
  /// Rounds the sample's gradients to quanta; returns the sums over all its rows.
  mutating func load(_ sample: [UInt32], _ dither: GradientDither) -> QuantaSums {
    let isWhole = sample.count == matrix.rowCount
    for (index, row) in sample.enumerated() { rows.rows[index] = row }
    let gradientExtent = isWhole ? extent(gradients) : extent(gradients, sample)
    let hessianExtent = isHessianConstant ? nil : isWhole ? extent(hessians) : extent(hessians, sample)
    let scale = GradientScale(
      gradients: gradientExtent, hessians: hessianExtent, rowHessian: sample.first.map { hessians[Int($0)] } ?? 0,
      rowCount: sample.count)
    if isWhole { fillWords(scale, dither) } else { fillWords(scale, dither, sample) }
    limits = SplitLimits(
      leafRowsMin: options.leafRowsMin, hessianMin: options.leafHessianMin, l1: options.l1, l2: options.l2,
      gainMin: options.gainMin, scale: scale, isDithered: !isHessianConstant)
    return total(sample)
  }

  /// Of magnitudes. Four sums side by side: one would wait for itself at each row.
  private func extent(_ values: UnsafePointer<Double>) -> GradientScale.Extent {
    var sums = SIMD4<Double>.zero
    var most = SIMD4<Double>.zero
    let whole = matrix.rowCount / 4 * 4
    for row in stride(from: 0, to: whole, by: 4) {
      for lane in 0..<4 {
        let magnitude = abs(values[row + lane])
        sums[lane] += magnitude
        most[lane] = magnitude > most[lane] ? magnitude : most[lane]
      }
    }
    var extent = GradientScale.Extent(sum: sums.sum(), max: most.max())
    for row in whole..<matrix.rowCount {
      extent.sum += abs(values[row])
      extent.max = max(extent.max, abs(values[row]))
    }
    return extent
  }

  private func extent(_ values: UnsafePointer<Double>, _ sample: [UInt32]) -> GradientScale.Extent {
    var extent = GradientScale.Extent()
    for row in sample {
      let magnitude = abs(values[Int(row)])
      extent.sum += magnitude
      extent.max = max(extent.max, magnitude)
    }
    return extent
  }

  private func fillWords(_ scale: GradientScale, _ dither: GradientDither) {
    if isHessianConstant {
      for row in 0..<matrix.rowCount { words[row] = scale.word(gradient: gradients[row]) }
    } else {
      for row in 0..<UInt32(truncatingIfNeeded: matrix.rowCount) { words[Int(row)] = word(row, scale, dither) }
    }
  }

  private func fillWords(_ scale: GradientScale, _ dither: GradientDither, _ sample: [UInt32]) {
    for row in sample {
      words[Int(row)] =
        isHessianConstant ? scale.word(gradient: gradients[Int(row)]) : word(row, scale, dither)
    }
  }

  @inline(__always) private func word(_ row: UInt32, _ scale: GradientScale, _ dither: GradientDither) -> Int64 {
    scale.word(gradient: gradients[Int(row)], hessian: hessians[Int(row)], dither(row))
  }

  private func total(_ sample: [UInt32]) -> QuantaSums {
    var total = QuantaSums()
    for row in sample {
      let word = words[Int(row)]
      total.gradient &+= Int32(truncatingIfNeeded: isHessianConstant ? word >> 32 : word >> 38)
      total.hessian &+= Int32(truncatingIfNeeded: (word >> 12) & 0x3FF_FFFF)
    }
    total.count = Int32(sample.count)
    if isHessianConstant { total.hessian = total.count }
    return total
  }
}

extension TreeGrower {
  mutating func addNode(for leaf: GrowingLeaf, split: Split, leftCount: Int) {
    let bins = matrix.columns[split.column]
    var node = TreeNode(threshold: 0, column: Int32(split.column), left: 0, right: 0, bin: 0, isMissingLeft: false)
    if let leftBins = split.leftBins {
      let words = bins.categoryWords(leftBins)
      node.categoryStart = Int32(tree.categoryWords.count)
      node.categoryWordCount = Int32(words.count)
      tree.categoryWords += words
    } else {
      node.threshold = bins.threshold(after: split.bin)
      node.bin = UInt8(split.bin)
      // Where no training row was missing, missing ones follow the majority.
      node.isMissingLeft = split.hasMissing ? split.isMissingLeft : 2 * leftCount >= leaf.rowCount
    }
    tree.nodes.append(node)
    tree.gains.append(split.gain)
    tree.nodeRowCounts.append(leaf.rowCount)
    link(leaf.parent, to: Int32(tree.nodes.count - 1))
  }

  private mutating func link(_ parent: (node: Int, isRight: Bool)?, to child: Int32) {
    guard let parent else { return }
    if parent.isRight { tree.nodes[parent.node].right = child } else { tree.nodes[parent.node].left = child }
  }

  /// Values and counts of leaves and nodes, from the unrounded gradients.
  mutating func finish(_ sample: [UInt32]) {
    for (index, leaf) in leaves.enumerated() {
      link(leaf.parent, to: ~Int32(index))
      tree.leafRowCounts.append(leaf.rowCount)
      for position in leaf.range { leafOfRow[Int(rows.rows[position])] = UInt16(truncatingIfNeeded: index) }
    }
    giveBackHistograms()
    let sums = leafSums(sample)
    for (sum, leaf) in zip(sums, leaves) {
      tree.leafValues.append(learningRate * leaf.bounds.clamp(value(sum)))
      tree.leafHessians.append(sum.y)
    }
    // From the last node to the root: children come after their parents.
    var nodeSums = [SIMD2<Double>](repeating: .zero, count: tree.nodes.count)
    for (index, node) in tree.nodes.enumerated().reversed() {
      for child in [node.left, node.right] { nodeSums[index] += child >= 0 ? nodeSums[Int(child)] : sums[Int(~child)] }
    }
    for sum in nodeSums {
      tree.nodeValues.append(learningRate * value(sum))
      tree.nodeHessians.append(sum.y)
    }
  }

  /// Rows of the last tree's leaf.
  func rows(ofLeaf index: Int) -> UnsafeBufferPointer<UInt32> {
    let range = leaves[index].range
    return UnsafeBufferPointer(start: rows.rows + range.lowerBound, count: range.count)
  }

  /// (ΣG, ΣH) of each leaf, rows ascending.
  private func leafSums(_ sample: [UInt32]) -> [SIMD2<Double>] {
    var sums = [SIMD2<Double>](repeating: .zero, count: leaves.count)
    sums.withUnsafeMutableBufferPointer { sums in
      if sample.count == matrix.rowCount {
        for row in 0..<matrix.rowCount { sums[Int(leafOfRow[row])] += SIMD2(gradients[row], hessians[row]) }
      } else {
        for row in sample.lazy.map({ Int($0) }) {
          sums[Int(leafOfRow[row])] += SIMD2(gradients[row], hessians[row])
        }
      }
    }
    return sums
  }

  /// Newton step −S(G)/(H + λ).
  ///
  /// - Source: Chen & Guestrin 2016, equation 5, with the L1 term of their implementation.
  private func value(_ sums: SIMD2<Double>) -> Double {
    let magnitude = max(abs(sums.x) - options.l1, 0)
    let denominator = sums.y + options.l2
    guard denominator > 0, magnitude > 0 else { return 0 }
    return (sums.x > 0 ? -magnitude : magnitude) / denominator
  }
}
