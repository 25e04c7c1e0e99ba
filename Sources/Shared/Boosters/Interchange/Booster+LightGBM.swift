// SPDX-License-Identifier: Apache-2.0

extension Booster {
  /// The model in LightGBM's text format, version 4, with columns named Column_0, Column_1, …
  package var encoded: [UInt8] { lightGBMText(columnNames: nil) }

  /// Whether LightGBM's header can hold it as `key=value`: it splits at every "=", and lines end the value.
  package static func isHeaderText(_ text: String) -> Bool { !text.contains { $0 == "=" || $0.isNewline } }

  /// The model in LightGBM's text format, version 4, which LightGBM loads and predicts the same from.
  ///
  /// The initial score is in the first tree's leaves, as LightGBM has it; the first addition of a prediction therefore has
  /// the same rounding. A model without trees becomes one tree of one leaf. The format has no infinite threshold: a
  /// reader takes one as ±1e308, which only matters for a value of ±∞ itself. `feature_infos` says "none" for each
  /// column: it would hold the extreme values of patients, and no prediction needs it.
  ///
  /// - Parameters:
  ///   - columnNames: [columnCount]; whitespace in them becomes "_".
  ///   - note: a key and its text for the header, which LightGBM reads over; both `isHeaderText`.
  package func lightGBMText(columnNames: [String]?, note: (key: String, text: String)? = nil) -> [UInt8] {
    precondition(note.map { Self.isHeaderText($0.key + $0.text) } ?? true, "a note that LightGBM could not read over")
    precondition(columnNames.map { $0.count == columnCount } ?? true, "not a name for each of \(columnCount) columns")
    let names = (0..<columnCount).map { Self.name(columnNames?[$0] ?? "Column_\($0)") }
    let blocks = (trees.isEmpty ? [Tree.constant] : trees).enumerated().map { index, tree in
      tree.lightGBMBlock(index: index, offset: index == 0 ? initialScore : 0, learningRate: learningRate)
    }
    let header: [String?] = [
      "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0",
      "max_feature_idx=\(columnCount - 1)", "objective=\(objective.lightGBMName)",
      "feature_names=\(names.joined(separator: " "))",
      "feature_infos=\(names.map { _ in "none" }.joined(separator: " "))",
      note.map { "\($0.key)=\($0.text)" },
      "tree_sizes=\(blocks.map { "\($0.utf8.count)" }.joined(separator: " "))", "", "",
    ]
    var text = header.compactMap { $0 }.joined(separator: "\n") + blocks.joined()
    var lines = ["end of trees", "", "feature_importances:"]
    // Ascending columns on ties: sorting by (−gain, index) has one answer.
    let gains = gainByColumn
    for column in (0..<columnCount).sorted(by: { (gains[$1], $0) < (gains[$0], $1) }) where gains[column] > 0 {
      lines.append("\(names[column])=\(gains[column])")
    }
    lines += ["", "parameters:", "end of parameters", "", "pandas_categorical:null", ""]
    text += lines.joined(separator: "\n")
    return Array(text.utf8)
  }

  private static func name(_ name: String) -> String { String(name.map { $0.isWhitespace ? "_" : $0 }) }
}

extension Objective {
  fileprivate var lightGBMName: String {
    switch loss {
    case .binary: "binary sigmoid:1"
    case .squared: "regression"
    case .absolute: "regression_l1"
    case .quantile: "quantile"
    case .poisson: "poisson"
    case .tweedie: "tweedie"
    }
  }
}

extension Tree {
  /// One leaf of value 0.
  fileprivate static let constant = Tree(leafValues: [0], leafRowCounts: [0], leafHessians: [0])

  /// One `Tree=` block with the two empty lines that end it.
  fileprivate func lightGBMBlock(index: Int, offset: Double, learningRate: Double) -> String {
    // 10: NaN is missing and goes left; 8: NaN is missing and goes right.
    let decisions = nodes.map { $0.isCategorical ? "1" : $0.isMissingLeft ? "10" : "8" }
    // A categorical node's threshold is the number of its set; boundaries tell where each set's words lie.
    var setCount = 0
    var boundaries = [0]
    var words: [UInt32] = []
    let thresholds = nodes.map { node in
      guard node.isCategorical else { return "\(Double(node.threshold))" }
      words += categoryWords[Int(node.categoryStart)..<Int(node.categoryStart + node.categoryWordCount)]
      boundaries.append(words.count)
      setCount += 1
      return "\(setCount - 1)"
    }
    let sets = setCount > 0 ? ["cat_boundaries=\(Self.list(boundaries))", "cat_threshold=\(Self.list(words))"] : []
    // A one-leaf tree keeps the keys, with nothing after them but its value.
    let isSplit = !nodes.isEmpty
    let lines =
      [
        "Tree=\(index)", "num_leaves=\(leafValues.count)", "num_cat=\(setCount)",
        "split_feature=\(Self.list(nodes.map(\.column)))", "split_gain=\(Self.list(gains))",
        "threshold=\(thresholds.joined(separator: " "))",
        "decision_type=\(decisions.joined(separator: " "))", "left_child=\(Self.list(nodes.map(\.left)))",
        "right_child=\(Self.list(nodes.map(\.right)))", "leaf_value=\(Self.list(leafValues.map { $0 + offset }))",
        "leaf_weight=\(isSplit ? Self.list(leafHessians) : "")",
        "leaf_count=\(isSplit ? Self.list(leafRowCounts) : "")",
        "internal_value=\(Self.list(nodeValues.map { $0 + offset }))", "internal_weight=\(Self.list(nodeHessians))",
        "internal_count=\(Self.list(nodeRowCounts))",
      ] + sets + ["is_linear=0", "shrinkage=\(learningRate)", "", "", ""]
    return lines.joined(separator: "\n")
  }

  /// Shortest decimal digits that read back to the same bits.
  private static func list<Value: LosslessStringConvertible>(_ values: [Value]) -> String {
    values.map(\.description).joined(separator: " ")
  }
}
