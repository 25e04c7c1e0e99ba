// SPDX-License-Identifier: Apache-2.0

/// Options of the histogram gradient booster.
///
/// - Source: Friedman 2001 (shrinkage), Friedman 2002 (row sampling), Chen & Guestrin 2016 sections 2.1–2.3 (l1, l2, column
///   sampling), Ke et al. 2017 (leaf-wise growth on histograms, section 3 for GOSS), Rashmi & Gilad-Bachrach 2015 (DART).
package struct BoosterOptions: Hashable, Sendable {
  package var treeCount: Int
  package var learningRate: Double
  package var leafCountMax: Int
  /// 0: no limit.
  package var depthMax: Int
  package var leafRowsMin: Int
  package var leafHessianMin: Double
  package var l1: Double
  package var l2: Double
  package var gainMin: Double
  package var rowFraction: Double
  package var columnFraction: Double
  /// Value bins a feature; one more is kept for missing.
  package var binCountMax: Int
  /// Rows that a bin has at least, but for a column's last.
  package var binRowsMin: Int
  /// Trees without a better early-stopping loss before the growth ends; 0: all trees are grown.
  package var patienceTrees: Int
  /// Trees that are dropped make the loss of fewer of them mean nothing.
  package var stopsEarly: Bool { patienceTrees > 0 && dropRate == 0 }
  /// Weight of a row with label 1; a row with label 0 weighs 1. Ignored by regression.
  package var positiveWeight: Double
  package var loss: BoosterLoss
  package var quantile: Double
  package var tweediePower: Double
  package var growth: TreeGrowth
  package var rateSchedule: RateSchedule
  package var sampling: RowSampling
  package var gossTop: Double
  package var gossRest: Double
  /// Share of earlier trees that DART drops for each new one; 0: plain boosting.
  package var dropRate: Double
  package var dropSkip: Double
  package var stopOn: StoppingMetric
  package var binsFrom: BinRows
  /// Columns along which the prediction must not fall (+) or must not rise (−).
  package var monotone: ColumnList
  /// Columns whose numbers are names: split by subsets, not by order.
  package var categorical: ColumnList

  package init(_ parameters: Parameters = [:]) throws(ParameterError) {
    let given = try Learner.booster.resolve(parameters)
    treeCount = given.integer("trees")
    learningRate = given.real("learning_rate")
    leafCountMax = given.integer("leaves")
    depthMax = given.integer("max_depth")
    leafRowsMin = given.integer("min_leaf")
    leafHessianMin = given.real("min_hessian")
    l1 = given.real("l1")
    l2 = given.real("l2")
    gainMin = given.real("min_gain")
    rowFraction = given.real("subsample")
    columnFraction = given.real("column_sample")
    binCountMax = given.integer("bins")
    binRowsMin = given.integer("min_bin_rows")
    patienceTrees = given.integer("patience")
    positiveWeight = given.real("positive_weight")
    loss = given.choice("loss")
    quantile = given.real("quantile")
    tweediePower = given.real("tweedie_power")
    growth = given.choice("growth")
    rateSchedule = given.choice("rate_schedule")
    sampling = given.choice("sampling")
    gossTop = given.real("goss_top")
    gossRest = given.real("goss_rest")
    dropRate = given.real("drop_rate")
    dropSkip = given.real("drop_skip")
    stopOn = given.choice("stop_on")
    binsFrom = given.choice("bins_from")
    monotone = given.columns("monotone", isSigned: true)
    categorical = given.columns("categorical", isSigned: false)
  }

  package static let specifications: [ParameterSpecification] = [
    .init("trees", .integer(1...100_000), default: .integer(200), unit: "trees", "Most trees that are grown."),
    .init("learning_rate", .real(1e-6...1), default: .real(0.1), "Shrinkage: a leaf's value is multiplied by it."),
    .init("leaves", .integer(2...65_536), default: .integer(31), unit: "leaves", "Most leaves of a tree."),
    .init("max_depth", .integer(0...1_000), default: .integer(0), unit: "levels", "Deepest leaf; 0 for no limit."),
    .init("min_leaf", .integer(1...1_000_000_000), default: .integer(20), unit: "rows", "Fewest rows of a leaf."),
    .init("min_hessian", .real(0...1e9), default: .real(1e-3), "Smallest sum of hessians of a leaf."),
    .init("l1", .real(0...1e9), default: .real(0), "L1 penalty on a leaf's value."),
    .init("l2", .real(0...1e9), default: .real(1), "L2 penalty on a leaf's value."),
    .init("min_gain", .real(0...1e9), default: .real(0), "Smallest gain of a split."),
    .init("subsample", .real(0.01...1), default: .real(1), "Share of rows a tree sees, drawn anew for each tree."),
    .init("column_sample", .real(0.01...1), default: .real(1), "Share of columns a tree sees."),
    .init("bins", .integer(2...255), default: .integer(255), unit: "bins", "Most value bins of a column."),
    .init(
      "min_bin_rows", .integer(1...10_000), default: .integer(3), unit: "rows",
      "Rows that a bin of a numeric column has at least, but for its last."),
    .init(
      "patience", .integer(0...100_000), default: .integer(25), unit: "trees",
      "Trees without a better loss on the inner validation rows before growth ends; 0 grows all trees, on the inner rows too."
    ),
    .init("positive_weight", .real(1e-3...1e4), default: .real(1), "Weight of a row with label 1."),
    .choice(
      "loss", default: BoosterLoss.standard,
      "What trees descend: log loss or squared error as the outcome asks, or another loss of a real label."),
    .init("quantile", .real(0.001...0.999), default: .real(0.5), "Level that `loss: quantile` predicts."),
    .init("tweedie_power", .real(1.01...1.99), default: .real(1.5), "Variance power of `loss: tweedie`."),
    .choice("growth", default: TreeGrowth.leaf, "Leaf of the largest gain first, or level by level."),
    .choice(
      "rate_schedule", default: RateSchedule.constant,
      "Learning rate over the trees: constant, falling linearly, or by a cosine, to a hundredth."),
    .choice("sampling", default: RowSampling.uniform, "Rows of a tree: drawn alike, or by gradient (GOSS)."),
    .init("goss_top", .real(0.01...1), default: .real(0.2), "Share of rows of largest gradient that GOSS keeps."),
    .init("goss_rest", .real(0.01...1), default: .real(0.1), "Share of rows that GOSS draws of the others."),
    .init("drop_rate", .real(0...1), default: .real(0), "Share of earlier trees that DART drops for a tree; 0: none."),
    .init("drop_skip", .real(0...1), default: .real(0.5), "Chance that DART drops no tree."),
    .choice("stop_on", default: StoppingMetric.loss, "What early stopping watches on the inner validation rows."),
    .choice(
      "bins_from", default: BinRows.fold,
      "Rows whose quantiles bound the bins: the fold's fitted rows, or all rows, binned once for the whole sweep."),
    .init(
      "monotone", .columns(isSigned: true), default: .text(""),
      "Columns along which the prediction must not fall (+) or must not rise (-); `*` at the end of a name for any rest."
    ),
    .init(
      "categorical", .columns(isSigned: false), default: .text(""),
      "Columns whose whole numbers are names, split by subsets and not by order."),
  ]
}
