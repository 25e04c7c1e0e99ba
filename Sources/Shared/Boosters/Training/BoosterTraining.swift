// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Randomness

/// A training of gradient-boosted trees that can be stopped after any tree and continued elsewhere.
///
///     var training = try BoosterTraining(train: …, resuming: bytes)
///     while training.step() { store(training.checkpoint()) }
///     let fit = training.fit
///
/// The fit is a function of data, options and seed alone, to the last bit; how often the training was stopped and
/// continued plays no part.
///
/// - Complexity: O(trees · (N · F · log₂ leaves / 2 + leaves · F · bins)); 46·N bytes beside the histograms.
/// - Source: Friedman 2001, algorithm 1 with the Newton step of Chen & Guestrin 2016, section 2.2.
package struct BoosterTraining: ~Copyable {
  private let train: BinnedMatrix
  private let validation: UnsafeBufferPointer<Float>?
  private let loss: Objective
  private let options: BoosterOptions
  private let seed: UInt64
  private let fingerprint: UInt64
  private let initialScore: Double
  private let state: ScoredRows
  private let held: ScoredRows?
  private var grower: TreeGrower
  private var stopping: EarlyStopping
  private var trees: [Tree] = []
  private var trainLoss: [Double] = []
  private var validLoss: [Double] = []
  /// Whether a tree found no split where no later one can.
  private var isExhausted = false

  /// - Parameters:
  ///   - train: the training rows, binned; its bins were made from these rows.
  ///   - labels: [N]; 0 and 1, both present, for `.binary`.
  ///   - validation: raw rows for early stopping, in the same columns, and their labels. The caller keeps the values alive
  ///     as long as the training.
  ///   - seed: of the row and column samples; each tree draws its own.
  ///   - histogramByteCountMax: memory that the histograms may take; changes the time, never the result.
  ///   - checkpoint: of a training with the same arguments (`options.treeCount` may differ), to go on from.
  /// - Throws: `badShape`, `notFinite`, `badLabel`, `oneClass`, `tooLarge`, `badCheckpoint`, `foreignCheckpoint`.
  package init(
    train: BinnedMatrix, labels: [Float], validation: (values: UnsafeBufferPointer<Float>, labels: [Float])?,
    objective: ObjectiveKind, options: BoosterOptions, seed: UInt64, histogramByteCountMax: Int = 256 << 20,
    resuming checkpoint: [UInt8]? = nil
  ) throws(BoosterError) {
    let loss = Objective(objective, positiveWeight: options.positiveWeight)
    try checkShapes(train: train, labels: labels, validation: validation)
    try loss.check(labels: labels, part: "training")
    try loss.checkBothClasses(labels: labels)
    if let validation { try loss.check(labels: validation.labels, part: "validation") }
    var fingerprint = Fingerprint()
    train.add(to: &fingerprint)
    options.add(to: &fingerprint)
    fingerprint.add(objective.rawValue)
    fingerprint.add(seed)
    for label in labels { fingerprint.add(UInt64(label.bitPattern)) }
    for label in validation?.labels ?? [] { fingerprint.add(UInt64(label.bitPattern)) }
    let content = try checkpoint.map { bytes throws(BoosterError) in
      try BoosterCheckpoint.decode(bytes, fingerprint: fingerprint.value, columnCount: train.columnCount)
    }

    self.train = train
    self.validation = validation?.values
    self.loss = loss
    self.options = options
    self.seed = seed
    self.fingerprint = fingerprint.value
    let initialScore = loss.initialScore(labels: labels)
    self.initialScore = initialScore
    state = ScoredRows(labels: labels, objective: loss, initialScore: initialScore)
    held = validation.map { ScoredRows(labels: $0.labels, objective: loss, initialScore: initialScore) }
    grower = TreeGrower(
      matrix: train, options: options, gradients: state.gradients, hessians: state.hessians,
      isHessianConstant: loss.isHessianConstant, histogramByteCountMax: histogramByteCountMax)
    stopping = EarlyStopping(patienceTrees: options.patienceTrees, initialLoss: held?.meanLoss())
    if let content { restore(content) }
  }

  /// Trees grown so far, the best and the later ones.
  package var treeCount: Int { trees.count }

  package var isFinished: Bool { isExhausted || stopping.isDue || trees.count >= options.treeCount }

  /// Grows one tree; false when there is none to grow any more.
  package mutating func step() -> Bool {
    guard !isFinished else { return false }
    state.differentiate()
    let index = trees.count
    let rows = sampledIndexes(
      count: train.rowCount, fraction: options.rowFraction, key: derivedSeed(seed, .rowSampling, index))
    let columns = sampledIndexes(
      count: train.columnCount, fraction: options.columnFraction, key: derivedSeed(seed, .columnSampling, index))
    let tree = grower.grow(rows: rows, columns: columns)
    // Without sampling a tree that finds no split changes nothing, and no later one would do better.
    if tree.nodes.isEmpty, rows.count == train.rowCount, columns.count == train.columnCount {
      isExhausted = true
      return false
    }
    state.add(tree, grownBy: grower, rows: rows, of: train)
    trees.append(tree)
    trainLoss.append(state.meanLoss())
    if let held, let validation {
      held.add(tree, values: validation.baseAddress, columnCount: train.columnCount)
      validLoss.append(held.meanLoss())
    }
    stopping.note(treeCount: trees.count, loss: validLoss.last)
    return true
  }

  /// All that is needed to go on: about 100 bytes a leaf of each tree.
  package func checkpoint() -> [UInt8] {
    BoosterCheckpoint.encode(fingerprint: fingerprint, trees: trees, trainLoss: trainLoss, validLoss: validLoss)
  }

  /// The model so far.
  package var fit: BoosterFit {
    let bestTreeCount = stopping.bestTreeCount ?? trees.count
    let booster = Booster(
      objective: loss, columnCount: train.columnCount, initialScore: initialScore, learningRate: options.learningRate,
      trees: Array(trees.prefix(bestTreeCount)))
    return BoosterFit(booster: booster, trainLoss: trainLoss, validLoss: validLoss, bestTreeCount: bestTreeCount)
  }

  private mutating func restore(_ content: BoosterCheckpoint.Content) {
    trees = content.trees
    trainLoss = content.trainLoss
    validLoss = content.validLoss
    for tree in trees {
      state.add(tree, of: train)
      if let held, let validation { held.add(tree, values: validation.baseAddress, columnCount: train.columnCount) }
    }
    for (index, loss) in validLoss.enumerated() { stopping.note(treeCount: index + 1, loss: loss) }
  }
}

/// Keeps the number of trees of least validation loss.
struct EarlyStopping {
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
