// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
import Randomness

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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
  private let stoppingScore: (([Float], [Float]) -> Double)?
  private let heldLabels: [Float]
  private let state: ScoredRows
  private let held: ScoredRows?
  private var grower: TreeGrower
  private var stopping: EarlyStopping
  private var content = BoosterCheckpoint.Content()
  /// Whether a tree found no split where no later one can.
  private var isExhausted = false

  /// - Parameters:
  ///   - train: the training rows, binned; its bins were made from these rows.
  ///   - labels: [N]; 0 and 1, both present, for `.binary`.
  ///   - validation: raw rows for early stopping, in the same columns, and their labels. The caller keeps the values alive
  ///     as long as the training.
  ///   - seed: of the row and column samples; each tree draws its own.
  ///   - monotone: for each column +1 where the prediction must not fall as the column grows, −1 where it must not rise, 0
  ///     where it may do as it likes; empty: none of them.
  ///   - stoppingScore: of the validation rows' predictions and labels, the lower the better, instead of the mean loss.
  ///   - threads: change the time, never the result.
  ///   - histogramByteCountMax: memory that the histograms may take; changes the time, never the result.
  ///   - checkpoint: of a training with the same arguments (`options.treeCount` may differ), to go on from.
  /// - Throws: `badShape`, `notFinite`, `badLabel`, `oneClass`, `badLoss`, `tooLarge`, `badCheckpoint`,
  ///   `foreignCheckpoint`.
  package init(
    train: BinnedMatrix, labels: [Float], validation: (values: UnsafeBufferPointer<Float>, labels: [Float])?,
    objective: ObjectiveKind, options: BoosterOptions, seed: UInt64, monotone: [Int8] = [],
    stoppingScore: (([Float], [Float]) -> Double)? = nil, threads: BoosterThreads = .one,
    histogramByteCountMax: Int = 256 << 20, resuming checkpoint: [UInt8]? = nil
  ) throws(BoosterError) {
    let loss = try Objective(objective, options: options)
    try checkShapes(train: train, labels: labels, validation: validation)
    try loss.check(labels: labels, part: "training")
    try loss.checkStart(labels: labels)
    if let validation { try loss.check(labels: validation.labels, part: "validation") }
    guard monotone.isEmpty || monotone.count == train.columnCount else {
      throw BoosterError(
        .badShape, subject: "monotone columns", expected: "none, or one sign for each of \(train.columnCount)",
        found: "\(monotone.count)")
    }
    var fingerprint = Fingerprint()
    train.add(to: &fingerprint)
    options.add(to: &fingerprint)
    fingerprint.add(objective.rawValue)
    fingerprint.add(seed)
    for sign in monotone { fingerprint.add(Int(sign)) }
    for label in labels { fingerprint.add(UInt64(label.bitPattern)) }
    for label in validation?.labels ?? [] { fingerprint.add(UInt64(label.bitPattern)) }
    let resumed = try checkpoint.map { bytes throws(BoosterError) in
      try BoosterCheckpoint.decode(bytes, fingerprint: fingerprint.value, columnCount: train.columnCount)
    }

    if let resumed, !resumed.scores.isEmpty {
      guard resumed.scores.count == labels.count, resumed.heldScores.count == validation?.labels.count ?? 0 else {
        throw ByteReader.damaged("a score for each row", "another number of them")
      }
    }

    self.train = train
    self.validation = validation?.values
    self.loss = loss
    self.options = options
    self.seed = seed
    self.fingerprint = fingerprint.value
    let initialScore = loss.initialScore(labels: labels)
    self.initialScore = initialScore
    self.stoppingScore = stoppingScore
    heldLabels = validation?.labels ?? []
    state = ScoredRows(labels: labels, objective: loss, initialScore: initialScore)
    held = validation.map { ScoredRows(labels: $0.labels, objective: loss, initialScore: initialScore) }
    grower = TreeGrower(
      matrix: train, options: options, gradients: state.gradients, hessians: state.hessians,
      isHessianConstant: loss.isHessianConstant, monotone: monotone, threads: threads,
      histogramByteCountMax: histogramByteCountMax)
    state.differentiate()
    var watched = held?.differentiate()
    if let held, let stoppingScore { watched = stoppingScore(held.predictions(), heldLabels) }
    // DART goes on changing the trees of any shorter model: there is no best one to keep.
    stopping = EarlyStopping(patienceTrees: options.dropRate > 0 ? 0 : options.patienceTrees, initialLoss: watched)
    if let resumed { restore(resumed) }
  }

  /// Trees grown so far, the best and the later ones.
  package var treeCount: Int { content.trees.count }

  package var isFinished: Bool { isExhausted || stopping.isDue || treeCount >= options.treeCount }

  /// Grows one tree; false when there is none to grow any more.
  package mutating func step() -> Bool {
    guard !isFinished else { return false }
    let index = treeCount
    let dropped = dropTrees(index)
    let rows = sampleRows(index)
    let columns = sampledIndexes(
      count: train.columnCount, fraction: options.columnFraction, key: derivedSeed(seed, .columnSampling, index))
    let rate = options.learningRate(ofTree: index)
    var tree = grower.grow(rows: rows, columns: columns, dither: GradientDither(tree: index), learningRate: rate)
    // Without sampling a tree that finds no split changes nothing, and no later one would do better.
    if tree.nodes.isEmpty, rows.count == train.rowCount, columns.count == train.columnCount, options.dropRate == 0 {
      isExhausted = true
      return false
    }
    if let level = loss.leafQuantile {
      state.renew(&tree, grownBy: grower, level: level, learningRate: rate)
    }
    if !dropped.isEmpty { tree = putBack(dropped, beside: tree) }
    state.add(tree, grownBy: grower, rows: rows, of: train)
    content.trees.append(tree)
    content.trainLoss.append(state.differentiate())
    if let held, let validation {
      held.add(tree, values: validation.baseAddress, columnCount: train.columnCount)
      content.validLoss.append(held.differentiate())
      if let stoppingScore { content.stoppingScores.append(stoppingScore(held.predictions(), heldLabels)) }
    }
    stopping.note(treeCount: treeCount, loss: content.stoppingScores.last ?? content.validLoss.last)
    return true
  }

  /// All that is needed to go on: about 100 bytes a leaf of each tree, and under DART 8 bytes a row.
  package func checkpoint() -> [UInt8] {
    var content = content
    if options.dropRate > 0 {
      content.scores = state.savedScores
      content.heldScores = held?.savedScores ?? []
    }
    return BoosterCheckpoint.encode(fingerprint: fingerprint, content)
  }

  /// The model so far.
  package var fit: BoosterFit {
    let bestTreeCount = stopping.bestTreeCount ?? treeCount
    let booster = Booster(
      objective: loss, columnCount: train.columnCount, initialScore: initialScore, learningRate: options.learningRate,
      trees: Array(content.trees.prefix(bestTreeCount)))
    return BoosterFit(
      booster: booster, trainLoss: content.trainLoss, validLoss: content.validLoss, bestTreeCount: bestTreeCount)
  }
}

extension BoosterTraining {
  private func sampleRows(_ index: Int) -> [UInt32] {
    let key = derivedSeed(seed, .rowSampling, index)
    switch options.sampling {
    case .uniform: return sampledIndexes(count: train.rowCount, fraction: options.rowFraction, key: key)
    case .goss: return state.sampleByGradient(top: options.gossTop, rest: options.gossRest, key: key)
    }
  }

  /// Takes some earlier trees' values off the scores.
  ///
  /// - Source: Rashmi & Gilad-Bachrach 2015, algorithm 1 (DART).
  private func dropTrees(_ index: Int) -> [Int] {
    guard options.dropRate > 0 else { return [] }
    var generator = CounterGenerator(key: derivedSeed(seed, .dropout, index))
    guard generator.uniform() >= options.dropSkip else { return [] }
    let dropped = (0..<index).filter { _ in generator.uniform() < options.dropRate }
    guard !dropped.isEmpty else { return [] }
    for tree in dropped { addEverywhere(content.trees[tree].scaled(by: -1)) }
    state.differentiate()
    return dropped
  }

  /// Puts dropped trees back, k of them k/(k + 1) as large; the new one is to be 1/(k + 1) as large.
  private mutating func putBack(_ dropped: [Int], beside tree: Tree) -> Tree {
    let count = Double(dropped.count)
    for index in dropped {
      content.trees[index] = content.trees[index].scaled(by: count / (count + 1))
      addEverywhere(content.trees[index])
    }
    return tree.scaled(by: 1 / (count + 1))
  }

  private func addEverywhere(_ tree: Tree) {
    state.add(tree, of: train)
    if let held, let validation { held.add(tree, values: validation.baseAddress, columnCount: train.columnCount) }
  }

  private mutating func restore(_ resumed: BoosterCheckpoint.Content) {
    content = resumed
    if resumed.scores.isEmpty {
      for tree in resumed.trees { addEverywhere(tree) }
    } else {
      state.savedScores = resumed.scores
      held?.savedScores = resumed.heldScores
      content.scores = []
      content.heldScores = []
    }
    state.differentiate()
    let watched = resumed.stoppingScores.isEmpty ? resumed.validLoss : resumed.stoppingScores
    for (index, loss) in watched.enumerated() { stopping.note(treeCount: index + 1, loss: loss) }
  }
}

extension BoosterOptions {
  /// Of tree `index`, from 0.
  func learningRate(ofTree index: Int) -> Double {
    let share = Double(index) / Double(max(treeCount - 1, 1))
    switch rateSchedule {
    case .constant: return learningRate
    case .linear: return learningRate * (1 - 0.99 * share)
    case .cosine: return learningRate * (0.505 + 0.495 * cos(.pi * share))
    }
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
