// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Booster {
  /// Reads a model in XGBoost's JSON format (`Booster.save_model("….json")`), `gbtree` or `dart`, with one score a row.
  ///
  /// XGBoost sends x < threshold left; that is x ≤ the next smaller number. It sums in single precision, we in double: scores
  /// agree to its rounding.
  ///
  /// - Throws: `badModel` for bytes that are no sound model, `unsupportedModel` for several classes, categorical splits or an
  ///   objective that we do not serve.
  package init(xgboostJSON bytes: [UInt8]) throws(BoosterError) {
    let document = try JSONValue(bytes)
    guard let learner = document["learner"], let parameters = learner["learner_model_param"],
      let booster = learner["gradient_booster"]
    else { throw ForeignTree.bad("XGBoost model", "learner, its parameters and gradient_booster", "none") }
    guard let columnCount = parameters["num_feature"]?.double, (1...Double(1 << 24)).contains(columnCount) else {
      throw ForeignTree.bad("XGBoost model", "num_feature", "none, or one out of range")
    }
    guard parameters["num_class"]?.double ?? 0 <= 1, parameters["num_target"]?.double ?? 1 <= 1 else {
      throw Self.unsupported("one score a row", "several")
    }
    let dart = booster["gbtree"]
    guard let trees = (dart ?? booster)["model"]?["trees"]?.elements else {
      throw ForeignTree.bad("XGBoost model", "gradient_booster.model.trees", "none")
    }
    let weights = booster["weight_drop"]?.elements?.compactMap(\.double)
    guard weights.map({ $0.count == trees.count }) ?? (dart == nil) else {
      throw ForeignTree.bad("XGBoost model", "a weight for each tree", "another number of them")
    }
    let (objective, isLogit) = try Self.xgboostObjective(learner["objective"]?["name"]?.string ?? "")
    // Since 3.1 a list in brackets.
    let base = Double((parameters["base_score"]?.string ?? "0.5").filter { !"[]".contains($0) }) ?? .nan
    let initial = isLogit ? log(base / (1 - base)) : objective.loss == .squared ? base : log(base)
    guard initial.isFinite else { throw ForeignTree.bad("XGBoost model", "a base_score within its range", "another") }
    var read: [Tree] = []
    for (index, tree) in trees.enumerated() {
      let foreign = try Self.xgboostTree(tree, name: "tree \(index)", weight: weights?[index] ?? 1)
      read.append(try foreign.checked(name: "tree \(index)", columnCount: Int(columnCount)))
    }
    self.init(
      objective: objective, columnCount: Int(columnCount), initialScore: initial, learningRate: 1, trees: read)
  }

  private static func xgboostObjective(_ name: String) throws(BoosterError) -> (Objective, isLogit: Bool) {
    switch name {
    case "binary:logistic": (Objective(.binary), true)
    case "reg:squarederror", "reg:absoluteerror", "reg:quantileerror", "reg:pseudohubererror":
      (Objective(.squared), false)
    case "count:poisson": (Objective(.poisson), false)
    case "reg:tweedie", "reg:gamma": (Objective(.tweedie(1.5)), false)
    default: throw unsupported("a binary or regression objective", name)
    }
  }

  private static func xgboostTree(
    _ tree: JSONValue, name: String, weight: Double
  ) throws(BoosterError) -> ForeignTree {
    func numbers(_ key: String) -> [Double] { tree[key]?.elements?.compactMap(\.double) ?? [] }
    let lefts = numbers("left_children")
    let lists = ["right_children", "split_indices", "split_conditions", "default_left"].map(numbers)
    guard !lefts.isEmpty, lists.allSatisfy({ $0.count == lefts.count }) else {
      throw ForeignTree.bad(name, "lists of one length", "\(lefts.count) and \(lists.map(\.count))")
    }
    guard numbers("categories").isEmpty else { throw unsupported("numeric splits", "categorical ones") }
    let hessians = numbers("sum_hessian").count == lefts.count ? numbers("sum_hessian") : lefts.map { _ in 0 }
    let gains = numbers("loss_changes").count == lefts.count ? numbers("loss_changes") : lefts.map { _ in 0 }
    // Nodes and leaves share numbers there; here each kind has its own.
    var number: [Int] = []
    var counts = (nodes: 0, leaves: 0)
    for left in lefts {
      number.append(left < 0 ? ~counts.leaves : counts.nodes)
      if left < 0 { counts.leaves += 1 } else { counts.nodes += 1 }
    }
    func child(_ value: Double) throws(BoosterError) -> Int {
      guard value >= 0, value < Double(number.count) else { throw ForeignTree.bad(name, "a child in range", "another") }
      return number[Int(value)]
    }
    var result = ForeignTree(nodes: [], leaves: [])
    for index in lefts.indices {
      let condition = lists[2][index]
      // No row counts in the format: hessians stand for them in attributions.
      let rowCount = Int(min(max((hessians[index] * 1_000).rounded(), 0), 1e15))
      if lefts[index] < 0 {
        result.leaves.append(
          ForeignTree.Leaf(value: condition * weight, hessian: hessians[index], rowCount: rowCount))
      } else {
        result.nodes.append(
          ForeignTree.Node(
            column: Int(min(max(lists[1][index], -1), 1e9)), threshold: Float(condition).nextDown,
            isMissingLeft: lists[3][index] != 0, categories: nil, left: try child(lefts[index]),
            right: try child(lists[0][index]), gain: gains[index], value: 0, hessian: hessians[index],
            rowCount: rowCount))
      }
    }
    return result
  }
}
