// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Randomness

/// Fits gradient-boosted trees.
///
/// - Parameters:
///   - train: the training rows, binned; its bins were made from these rows.
///   - labels: [N]; 0 and 1, both present, for `.binary`.
///   - validation: raw rows for early stopping, in the same columns, and their labels.
///   - seed: of the row and column samples; each tree draws its own.
///   - histogramByteCountMax: memory that the histograms may take; changes the time, never the result.
///   - progress: called after each tree with the trees grown and their largest number; false cancels.
/// - Returns: a function of the arguments alone, to the last bit.
/// - Throws: `cancelled`, `badShape`, `notFinite`, `badLabel`, `oneClass`, `tooLarge`.
/// - Complexity: O(trees · (N · F · log₂ leaves / 2 + leaves · F · bins)); 52·N bytes beside the histograms.
/// - Source: Friedman 2001, algorithm 1 with the Newton step of Chen & Guestrin 2016, section 2.2.
package func fitBooster(
  train: BinnedMatrix, labels: [Float], validation: (values: UnsafeBufferPointer<Float>, labels: [Float])?,
  objective: ObjectiveKind, options: BoosterOptions, seed: UInt64, histogramByteCountMax: Int = 256 << 20,
  progress: (Int, Int) -> Bool
) throws(BoosterError) -> BoosterFit {
  let loss = Objective(objective, positiveWeight: options.positiveWeight)
  try checkShapes(train: train, labels: labels, validation: validation)
  try loss.check(labels: labels, part: "training")
  try loss.checkBothClasses(labels: labels)
  if let validation { try loss.check(labels: validation.labels, part: "validation") }

  let initialScore = loss.initialScore(labels: labels)
  let state = ScoredRows(labels: labels, objective: loss, initialScore: initialScore)
  let held = validation.map { ScoredRows(labels: $0.labels, objective: loss, initialScore: initialScore) }
  var grower = TreeGrower(
    matrix: train, options: options, gradients: state.gradients, hessians: state.hessians,
    isHessianConstant: loss.isHessianConstant, histogramByteCountMax: histogramByteCountMax)
  var stopping = EarlyStopping(patienceTrees: options.patienceTrees, initialLoss: held?.meanLoss())
  var trees: [Tree] = []
  var trainLoss: [Double] = []
  var validLoss: [Double] = []
  while trees.count < options.treeCount, !stopping.isDue {
    state.differentiate()
    let index = trees.count
    let rows = sampledIndexes(
      count: train.rowCount, fraction: options.rowFraction, key: derivedSeed(seed, .rowSampling, index))
    let columns = sampledIndexes(
      count: train.columnCount, fraction: options.columnFraction, key: derivedSeed(seed, .columnSampling, index))
    let tree = grower.grow(rows: rows, columns: columns)
    // Without sampling a tree that finds no split changes nothing, and no later one would do better.
    if tree.nodes.isEmpty, rows.count == train.rowCount, columns.count == train.columnCount { break }
    state.add(tree, grownBy: grower, rows: rows, of: train)
    trees.append(tree)
    trainLoss.append(state.meanLoss())
    if let held, let validation {
      held.add(tree, values: validation.values.baseAddress, columnCount: train.columnCount)
      validLoss.append(held.meanLoss())
    }
    stopping.note(treeCount: trees.count, loss: validLoss.last)
    guard progress(trees.count, options.treeCount) else { throw .cancelled }
  }
  let bestTreeCount = stopping.bestTreeCount ?? trees.count
  let booster = Booster(
    objective: loss, columnCount: train.columnCount, initialScore: initialScore, learningRate: options.learningRate,
    trees: Array(trees.prefix(bestTreeCount)))
  return BoosterFit(booster: booster, trainLoss: trainLoss, validLoss: validLoss, bestTreeCount: bestTreeCount)
}

/// Keeps the number of trees of least validation loss.
private struct EarlyStopping {
  private let patienceTrees: Int
  private var best: (treeCount: Int, loss: Double)?
  private(set) var isDue = false

  /// - Parameter initialLoss: of the constant model; nil without validation rows, and then nothing is ever due.
  init(patienceTrees: Int, initialLoss: Double?) {
    self.patienceTrees = patienceTrees
    best = patienceTrees > 0 ? initialLoss.map { (0, $0) } : nil
  }

  var bestTreeCount: Int? { best?.treeCount }

  mutating func note(treeCount: Int, loss: Double?) {
    guard let loss, let best else { return }
    if loss < best.loss { self.best = (treeCount, loss) }
    isDue = treeCount - (self.best?.treeCount ?? 0) >= patienceTrees
  }
}

private func checkShapes(
  train: BinnedMatrix, labels: [Float], validation: (values: UnsafeBufferPointer<Float>, labels: [Float])?
) throws(BoosterError) {
  guard train.rowCount > 0 else {
    throw BoosterError(.badShape, subject: "training rows", expected: "at least one", found: "none")
  }
  guard train.rowCount <= GradientScale.rowCountMax else {
    throw BoosterError(
      .tooLarge, subject: "training rows", expected: "at most \(GradientScale.rowCountMax)", found: "\(train.rowCount)")
  }
  guard labels.count == train.rowCount else {
    throw BoosterError(
      .badShape, subject: "training labels", expected: "one for each of \(train.rowCount) rows",
      found: "\(labels.count)")
  }
  guard let validation else { return }
  guard !validation.labels.isEmpty else {
    throw BoosterError(
      .badShape, subject: "validation rows", expected: "at least one (or no validation part)", found: "none")
  }
  guard validation.values.count == validation.labels.count * train.columnCount else {
    throw BoosterError(
      .badShape, subject: "validation values",
      expected: "\(validation.labels.count) rows × \(train.columnCount) columns", found: "\(validation.values.count)")
  }
}
