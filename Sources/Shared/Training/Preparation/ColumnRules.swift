// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Shards

/// What `monotone` and `categorical` say of a data set's columns.
struct ColumnRules {
  /// `BoosterTraining.init`'s; empty where no column has a rule.
  let monotone: [Int8]
  let categorical: Set<Int>

  /// - Throws: for columns that the data set does not have, that are named by both, and for categorical ones beside synthetic
  ///   rows, whose values lie between the categories.
  init(_ options: BoosterOptions, _ dataset: Dataset, synthetic: Bool) throws(ParameterError) {
    let names = dataset.manifest.columns.map(\.name)
    let signs = try options.monotone.signs(of: names, parameter: "monotone")
    let marks = try options.categorical.signs(of: names, parameter: "categorical")
    if let both = names.indices.first(where: { signs[$0] != 0 && marks[$0] != 0 }) {
      throw ParameterError(
        name: "monotone", expected: "columns with an order", found: "\(names[both]), which is categorical")
    }
    if synthetic, !options.categorical.isEmpty {
      throw ParameterError(name: "categorical", expected: "no columns beside `imbalance: smote`", found: "some")
    }
    monotone = options.monotone.isEmpty ? [] : signs
    categorical = Set(marks.indices.filter { marks[$0] != 0 })
  }
}
