// SPDX-License-Identifier: Apache-2.0

extension Booster {
  /// The model as ONNX: one `TreeEnsembleRegressor` (ai.onnx.ml 3) from `input` [N, F] float to `prediction` [N, 1] float,
  /// a probability or a value in the label's unit. onnxruntime sums in single precision.
  ///
  /// - Parameter metadata: names and texts for the reader (`metadata_props`).
  ///
  /// The few protobuf messages are written by hand: bytes are all that is needed, and the module stays pure.
  ///
  /// - Throws: `unsupportedModel` for categorical splits, which that operator cannot say.
  /// - Source: ONNX 1.14, onnx.proto and the operator's definition.
  package func onnx(metadata: [(name: String, value: String)] = []) throws(BoosterError) -> [UInt8] {
    guard trees.allSatisfy({ $0.nodes.allSatisfy { !$0.isCategorical } }) else {
      throw Self.unsupported("numeric splits for ONNX", "categorical ones")
    }
    var ensemble = Protobuf()
    ensemble.text(1, "input")
    ensemble.text(2, "score")
    ensemble.text(4, "TreeEnsembleRegressor")
    for attribute in ensembleAttributes() { ensemble.message(5, attribute) }
    ensemble.text(7, "ai.onnx.ml")
    var graph = Protobuf()
    graph.message(1, ensemble)
    var link = Protobuf()
    link.text(1, "score")
    link.text(2, "prediction")
    switch loss {
    case .binary: link.text(4, "Sigmoid")
    case .poisson, .tweedie: link.text(4, "Exp")
    case .squared, .absolute, .quantile: link.text(4, "Identity")
    }
    graph.message(1, link)
    graph.text(2, "booster")
    graph.message(11, Self.tensor("input", width: columnCount))
    graph.message(12, Self.tensor("prediction", width: 1))
    var model = Protobuf()
    model.integer(1, 8)
    model.text(2, "muster")
    model.message(7, graph)
    for (domain, version) in [("", 17), ("ai.onnx.ml", 3)] {
      var set = Protobuf()
      set.text(1, domain)
      set.integer(2, Int64(version))
      model.message(8, set)
    }
    for (name, value) in metadata {
      var entry = Protobuf()
      entry.text(1, name)
      entry.text(2, value)
      model.message(14, entry)
    }
    return model.bytes
  }

  private var loss: Objective.Loss { objective.loss }

  /// Nodes first, then leaves, by tree.
  private func ensembleAttributes() -> [Protobuf] {
    var lists: [String: [Int64]] = [:]
    var modes: [String] = []
    var thresholds: [Float] = []
    var weights: [Float] = []
    func append(_ key: String, _ value: Int) { lists[key, default: []].append(Int64(value)) }
    for (index, tree) in trees.enumerated() {
      func number(_ child: Int32) -> Int { child >= 0 ? Int(child) : tree.nodes.count + Int(~child) }
      for entry in 0..<(tree.nodes.count + tree.leafValues.count) {
        let node = entry < tree.nodes.count ? tree.nodes[entry] : nil
        append("nodes_treeids", index)
        append("nodes_nodeids", entry)
        append("nodes_featureids", node.map { Int($0.column) } ?? 0)
        append("nodes_truenodeids", node.map { number($0.left) } ?? 0)
        append("nodes_falsenodeids", node.map { number($0.right) } ?? 0)
        append("nodes_missing_value_tracks_true", node?.isMissingLeft == true ? 1 : 0)
        modes.append(node == nil ? "LEAF" : "BRANCH_LEQ")
        thresholds.append(node?.threshold ?? 0)
        guard node == nil else { continue }
        append("target_treeids", index)
        append("target_nodeids", entry)
        append("target_ids", 0)
        weights.append(Float(tree.leafValues[entry - tree.nodes.count]))
      }
    }
    return lists.keys.sorted().map { Self.attribute($0, integers: lists[$0] ?? []) } + [
      Self.attribute("nodes_modes", texts: modes), Self.attribute("nodes_values", floats: thresholds),
      Self.attribute("target_weights", floats: weights),
      Self.attribute("base_values", floats: [Float(initialScore)]), Self.attribute("n_targets", integer: 1),
    ]
  }

  // AttributeProto: name 1, f 2, i 3, s 4, floats 7, ints 8, strings 9, type 20.
  private static func attribute(_ name: String, integers: [Int64]) -> Protobuf {
    var attribute = Protobuf()
    attribute.text(1, name)
    attribute.packed(8, integers)
    attribute.integer(20, 7)
    return attribute
  }

  private static func attribute(_ name: String, integer: Int64) -> Protobuf {
    var attribute = Protobuf()
    attribute.text(1, name)
    attribute.integer(3, integer)
    attribute.integer(20, 2)
    return attribute
  }

  private static func attribute(_ name: String, floats: [Float]) -> Protobuf {
    var attribute = Protobuf()
    attribute.text(1, name)
    attribute.packed(7, floats)
    attribute.integer(20, 6)
    return attribute
  }

  private static func attribute(_ name: String, texts: [String]) -> Protobuf {
    var attribute = Protobuf()
    attribute.text(1, name)
    for text in texts { attribute.text(9, text) }
    attribute.integer(20, 8)
    return attribute
  }

  /// ValueInfoProto of floats [N, width].
  private static func tensor(_ name: String, width: Int) -> Protobuf {
    var rows = Protobuf()
    rows.text(2, "N")
    var columns = Protobuf()
    columns.integer(1, Int64(width))
    var shape = Protobuf()
    shape.message(1, rows)
    shape.message(1, columns)
    var tensor = Protobuf()
    tensor.integer(1, 1)
    tensor.message(2, shape)
    var type = Protobuf()
    type.message(1, tensor)
    var value = Protobuf()
    value.text(1, name)
    value.message(2, type)
    return value
  }
}

/// Protocol buffers' wire format, as far as it is needed.
private struct Protobuf {
  private(set) var bytes: [UInt8] = []

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func delimited(_ field: Int, _ content: [UInt8]) {
    varint(UInt64(field << 3 | 2))
    varint(UInt64(content.count))
    bytes += content
  }

  mutating func integer(_ field: Int, _ value: Int64) {
    varint(UInt64(field << 3))
    varint(UInt64(bitPattern: value))
  }

  mutating func text(_ field: Int, _ text: String) { delimited(field, Array(text.utf8)) }
  mutating func message(_ field: Int, _ message: Protobuf) { delimited(field, message.bytes) }

  mutating func packed(_ field: Int, _ values: [Int64]) {
    var content = Protobuf()
    for value in values { content.varint(UInt64(bitPattern: value)) }
    delimited(field, content.bytes)
  }

  mutating func packed(_ field: Int, _ values: [Float]) {
    var content = ByteWriter()
    for value in values { content.write(value) }
    delimited(field, content.bytes)
  }
}
