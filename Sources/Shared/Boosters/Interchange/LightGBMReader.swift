// SPDX-License-Identifier: Apache-2.0

extension Booster {
  /// Reads a model in LightGBM's text format, versions 3 and 4, with one score a row.
  ///
  /// Thresholds are cut to single precision so that single-precision values take the same ways. Loss options that
  /// prediction does not need (a quantile's level) are not in the format and come back as the default.
  ///
  /// - Throws: `badModel` for a text that is no sound model, `unsupportedModel` for one that we cannot serve alike: several
  ///   classes, linear leaves, averaged forests, another sigmoid, zeros as missing against their order.
  package init(lightGBMText bytes: [UInt8]) throws(BoosterError) {
    let sections = LightGBMSections(String(decoding: bytes, as: UTF8.self))
    guard sections.isTree, let header = sections.header else {
      throw ForeignTree.bad("LightGBM model", "to begin with `tree`", "something else")
    }
    guard let last = header.integer("max_feature_idx"), last >= 0, last < 1 << 24 else {
      throw ForeignTree.bad("LightGBM model", "max_feature_idx", "none, or one out of range")
    }
    for key in ["num_class", "num_tree_per_iteration"] where header.integer(key) ?? 1 != 1 {
      throw Self.unsupported("\(key)=1", "\(header.integer(key) ?? 0)")
    }
    guard !header.has("average_output") else { throw Self.unsupported("summed trees", "averaged ones") }
    let objective = try Self.objective(header.text("objective") ?? "regression")
    var trees: [Tree] = []
    for (index, section) in sections.trees.enumerated() {
      trees.append(try section.foreignTree(name: "tree \(index)").checked(name: "tree \(index)", columnCount: last + 1))
    }
    guard sections.isEnded else { throw ForeignTree.bad("LightGBM model", "a line `end of trees`", "the end") }
    self.init(
      objective: objective, columnCount: last + 1, initialScore: 0,
      learningRate: sections.trees.last?.double("shrinkage") ?? 1, trees: trees)
  }

  static func unsupported(_ expected: String, _ found: String) -> BoosterError {
    BoosterError(.unsupportedModel, subject: "model", expected: expected, found: found)
  }

  private static func objective(_ text: String) throws(BoosterError) -> Objective {
    let words = text.split(separator: " ").map(String.init)
    switch words.first {
    case "binary":
      let sigmoid = words.dropFirst().first { $0.hasPrefix("sigmoid:") }.flatMap { Double($0.dropFirst(8)) } ?? 1
      guard sigmoid == 1 else { throw unsupported("sigmoid:1", "sigmoid:\(sigmoid)") }
      return Objective(.binary)
    case "regression" where !words.contains("sqrt"), "regression_l2", "huber", "fair", "mape":
      return Objective(.squared)
    case "regression_l1": return Objective(.absolute)
    case "quantile": return Objective(.quantile(0.5))
    case "poisson": return Objective(.poisson)
    case "tweedie", "gamma": return Objective(.tweedie(1.5))
    default: throw unsupported("a binary or regression objective", text)
    }
  }
}

/// The `key=value` lines of a model's header or of one tree.
private struct LightGBMSection {
  private var entries: [Substring: Substring] = [:]
  private var flags: Set<Substring> = []

  mutating func add(_ line: Substring) {
    guard let separator = line.firstIndex(of: "=") else {
      flags.insert(line)
      return
    }
    entries[line[..<separator]] = line[line.index(after: separator)...]
  }

  func has(_ flag: String) -> Bool { flags.contains(Substring(flag)) }
  func text(_ key: String) -> String? { entries[Substring(key)].map(String.init) }
  func integer(_ key: String) -> Int? { entries[Substring(key)].flatMap { Int($0) } }
  func double(_ key: String) -> Double? { entries[Substring(key)].flatMap { Double($0) } }

  /// - Parameter isNeeded: an absent list is zeros where it is not.
  func list<Value: LosslessStringConvertible>(
    _ key: String, count: Int, isNeeded: Bool = true, zero: Value, name: String
  ) throws(BoosterError) -> [Value] {
    let words = (entries[Substring(key)] ?? "").split(separator: " ")
    if words.isEmpty, !isNeeded { return [Value](repeating: zero, count: count) }
    let values = words.compactMap { Value(String($0)) }
    guard values.count == count, words.count == count else {
      throw ForeignTree.bad("\(name), \(key)", "\(count) numbers", "\(values.count) of \(words.count) words")
    }
    return values
  }

  func foreignTree(name: String) throws(BoosterError) -> ForeignTree {
    guard let leafCount = integer("num_leaves"), leafCount > 0, leafCount <= 1 << 24 else {
      throw ForeignTree.bad("\(name), num_leaves", "a count of leaves", text("num_leaves") ?? "none")
    }
    guard integer("is_linear") ?? 0 == 0 else { throw Booster.unsupported("constant leaves", "linear ones") }
    let count = leafCount - 1
    let columns = try list("split_feature", count: count, zero: 0, name: name)
    let thresholds = try list("threshold", count: count, zero: 0.0, name: name)
    let decisions = try list("decision_type", count: count, zero: 0, name: name)
    let lefts = try list("left_child", count: count, zero: 0, name: name)
    let rights = try list("right_child", count: count, zero: 0, name: name)
    let gains = try list("split_gain", count: count, isNeeded: false, zero: 0.0, name: name)
    let values = try list("internal_value", count: count, isNeeded: false, zero: 0.0, name: name)
    let hessians = try list("internal_weight", count: count, isNeeded: false, zero: 0.0, name: name)
    let rowCounts = try list("internal_count", count: count, isNeeded: false, zero: 0, name: name)
    let setCount = integer("num_cat") ?? 0
    guard setCount >= 0, setCount <= count else {
      throw ForeignTree.bad("\(name), num_cat", "at most \(count)", "more")
    }
    let boundaries = setCount > 0 ? try list("cat_boundaries", count: setCount + 1, zero: 0, name: name) : []
    let words = (entries["cat_threshold"] ?? "").split(separator: " ").compactMap { UInt32($0) }
    var nodes: [ForeignTree.Node] = []
    for index in 0..<count {
      var node = ForeignTree.Node(
        column: columns[index], threshold: 0, isMissingLeft: false, categories: nil, left: lefts[index],
        right: rights[index], gain: gains[index], value: values[index], hessian: hessians[index],
        rowCount: rowCounts[index])
      if decisions[index] & 1 == 1 {
        node.categories = try categories(thresholds[index], boundaries, words, name: name)
      } else {
        guard !thresholds[index].isNaN else { throw ForeignTree.bad("\(name), threshold", "a number", "NaN") }
        node.threshold = Float(notAbove: thresholds[index])
        node.isMissingLeft = try isMissingLeft(decisions[index], threshold: thresholds[index])
      }
      nodes.append(node)
    }
    let leafValues = try list("leaf_value", count: leafCount, zero: 0.0, name: name)
    let leafHessians = try list("leaf_weight", count: leafCount, isNeeded: false, zero: 0.0, name: name)
    let leafRowCounts = try list("leaf_count", count: leafCount, isNeeded: false, zero: 0, name: name)
    let leaves = (0..<leafCount).map {
      ForeignTree.Leaf(value: leafValues[$0], hessian: leafHessians[$0], rowCount: leafRowCounts[$0])
    }
    return ForeignTree(nodes: nodes, leaves: leaves)
  }

  /// Bit 1: default left; bits 2 and 3: what is missing (0 nothing, and NaN is read as 0; 1 zero; 2 NaN).
  private func isMissingLeft(_ decision: Int, threshold: Double) throws(BoosterError) -> Bool {
    let isDefaultLeft = decision & 2 != 0
    switch decision >> 2 & 3 {
    case 0: return 0 <= threshold
    case 2: return isDefaultLeft
    default:
      // Zeros follow the default, as our nodes would send them anyway where the order agrees.
      guard isDefaultLeft == (0 <= threshold), abs(threshold) > 1e-35 else {
        throw Booster.unsupported("zeros that go where their order sends them", "zeros as missing values")
      }
      return isDefaultLeft
    }
  }

  private func categories(
    _ number: Double, _ boundaries: [Int], _ words: [UInt32], name: String
  ) throws(BoosterError) -> [UInt32] {
    guard number >= 0, number < Double(max(boundaries.count - 1, 0)) else {
      throw ForeignTree.bad("\(name), threshold", "the number of a category set", "another")
    }
    let (start, end) = (boundaries[Int(number)], boundaries[Int(number) + 1])
    guard start >= 0, start <= end, end <= words.count else {
      throw ForeignTree.bad("\(name), cat_boundaries", "ascending within \(words.count) words", "\(start), \(end)")
    }
    return Array(words[start..<end])
  }
}

/// The text cut at `Tree=` lines.
private struct LightGBMSections {
  private(set) var isTree = false
  private(set) var header: LightGBMSection?
  private(set) var trees: [LightGBMSection] = []
  private(set) var isEnded = false

  init(_ text: String) {
    var section = LightGBMSection()
    var isHeader = true
    for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      if index == 0 { isTree = raw == "tree" }
      if raw.hasPrefix("Tree=") || raw == "end of trees" {
        if isHeader { header = section } else { trees.append(section) }
        section = LightGBMSection()
        isHeader = false
        if raw == "end of trees" {
          isEnded = true
          return
        }
      }
      section.add(raw)
    }
    if isHeader { header = section } else { trees.append(section) }
  }
}
