// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

extension RecurrentNet {
  /// The network as an ONNX file, opset 17, for any number of rows B and steps T.
  ///
  /// Inputs: `inputs` [B, T, I], `elapsed` [B, T] in hours, `mask` [B, T], 1 for a row's steps and 0 beyond its end, and
  /// `statics` [B, S] where there are any. Outputs: `prediction` [B, K] (probabilities, or the labels' units) and
  /// `attention` [B, T]. Each layer and direction is a Scan over time, so that every kind of decay has one form.
  package var onnxFile: [UInt8] { onnxFile(metadata: []) }

  /// The same with `metadata_props` of the caller's, such as what prepares its inputs.
  package func onnxFile(metadata: [(name: String, value: String)]) -> [UInt8] {
    var builder = OnnxBuilder(self)
    builder.build()
    return builder.graph.model(metadata: metadata)
  }
}

private struct OnnxBuilder {
  let shape: NetworkShape
  let network: RecurrentNet
  let layout: ParameterLayout
  var graph = OnnxGraph("muster_lstm")
  var shapeOfInputs = ""

  init(_ network: RecurrentNet) {
    self.network = network
    shape = network.shape
    layout = ParameterLayout(shape)
  }

  mutating func build() {
    let (rows, steps): ((Int?, String), (Int?, String)) = ((nil, "B"), (nil, "T"))
    graph.inputs = [
      .init(name: "inputs", extents: [rows, steps, (shape.inputCount, "")]),
      .init(name: "elapsed", extents: [rows, steps]), .init(name: "mask", extents: [rows, steps]),
    ]
    if shape.staticCount > 0 {
      graph.inputs.append(.init(name: "statics", extents: [rows, (shape.staticCount, "")]))
    }
    graph.outputs = [
      .init(name: "prediction", extents: [rows, (shape.outputCount, "")]),
      .init(name: "attention", extents: [rows, steps]),
    ]
    shapeOfInputs = graph.add("Shape", "inputs")
    let hours = column("elapsed")
    let mask = column("mask")
    var (read, ages) = prepareInputs(hours)
    let fading = fixedFading(hours)
    for layer in 0..<shape.layerCount {
      let directions = (0..<shape.directionCount).map { direction in
        run(layer, direction, read, mask: mask, hours: hours, fading: fading, ages: ages)
      }
      ages = ""
      read = directions.count == 1 ? directions[0] : concatenate(directions, axis: 2)
      if shape.normalisesLayers {
        read = graph.add(
          "LayerNormalization", read, vector("norm.weight_l\(layer)"), vector("norm.bias_l\(layer)"),
          attributes: [("axis", .integer(-1)), ("epsilon", .float(1e-5))])
      }
    }
    pool(read, mask)
  }

  // MARK: Parameters

  private func values(_ name: String) -> [Float] {
    layout.block(name).map { Array(network.parameters[$0.range]) } ?? []
  }

  private mutating func vector(_ name: String) -> String { graph.floats(values(name), [values(name).count]) }

  /// [inputs, outputs]: for a product from the right.
  private mutating func turned(_ name: String, _ graph: inout OnnxGraph) -> String {
    guard let block = layout.block(name) else { return "" }
    let (outputs, inputs) = (block.extents[0], block.extents[1])
    let values = values(name)
    return graph.floats(
      (0..<outputs * inputs).map { values[$0 % outputs * inputs + $0 / outputs] }, [inputs, outputs])
  }

  private mutating func turned(_ name: String) -> String {
    var copy = graph
    let result = turned(name, &copy)
    graph = copy
    return result
  }

  private mutating func concatenate(_ parts: [String], axis: Int) -> String {
    graph.add("Concat", parts, [("axis", .integer(axis))], [graph.fresh()])[0]
  }

  // MARK: Parts

  /// [B, T] as [T, B, 1].
  private mutating func column(_ name: String) -> String {
    let turned = graph.add("Transpose", name, attributes: [("perm", .integers([1, 0]))])
    return graph.add("Unsqueeze", turned, graph.integers([2]))
  }

  /// What the first layer reads, [T, B, I + E], and the ages, [T, B, C].
  private mutating func prepareInputs(_ hours: String) -> (read: String, ages: String) {
    var read = graph.add("Transpose", "inputs", attributes: [("perm", .integers([1, 0, 2]))])
    var ages = ""
    if shape.meanDecayCount > 0 {
      let channels = shape.meanDecayCount
      let value = graph.slice(read, 0..<channels, axis: 2)
      let observed = graph.slice(read, channels..<2 * channels, axis: 2)
      ages = graph.slice(read, 2 * channels..<3 * channels, axis: 2)
      let kept = retention(graph.add("Mul", ages, vector("input_decay.weight")), vector("input_decay.bias"))
      let one = graph.floats([1], [1])
      let share = graph.add("Add", observed, graph.add("Mul", graph.add("Sub", one, observed), kept))
      let rest = graph.slice(read, channels..<shape.inputCount, axis: 2)
      read = concatenate([graph.add("Mul", value, share), rest], axis: 2)
    }
    guard shape.timeEncodingCount > 0 else { return (read, ages) }
    let u = graph.add("Log", graph.add("Add", hours, graph.floats([1], [1])))
    let angle = graph.add("Add", graph.add("Mul", u, vector("time.weight")), vector("time.bias"))
    var parts = [read, graph.slice(angle, 0..<1, axis: 2)]
    if shape.timeEncodingCount > 1 {
      parts.append(graph.add("Sin", graph.slice(angle, 1..<shape.timeEncodingCount, axis: 2)))
    }
    return (concatenate(parts, axis: 2), ages)
  }

  /// e^−max(0, product + bias)
  private mutating func retention(_ product: String, _ bias: String) -> String {
    graph.add("Exp", graph.add("Neg", graph.add("Relu", graph.add("Add", product, bias))))
  }

  /// 1 − g(Δ), [T, B, 1], where it is not learned.
  private mutating func fixedFading(_ hours: String) -> String {
    guard shape.decay == .log || shape.decay == .inverse else { return "" }
    let one = graph.floats([1], [1])
    switch shape.decay {
    case .log:
      let shifted = graph.add("Add", hours, graph.floats([2.718_281_828_459_045], [1]))
      return graph.add("Sub", one, graph.add("Div", one, graph.add("Log", shifted)))
    default: return graph.add("Div", hours, graph.add("Add", hours, one))
    }
  }

  private mutating func learnedFading(_ suffix: String, _ hours: String) -> String {
    let rates = graph.add("Softplus", vector("decay.rate" + suffix))
    let kept = graph.add("Exp", graph.add("Neg", graph.add("Mul", hours, rates)))
    return graph.add("Sub", graph.floats([1], [1]), kept)
  }

  /// One layer in one direction: [T, B, ·] → [T, B, H].
  private mutating func run(
    _ layer: Int, _ direction: Int, _ read: String, mask: String, hours: String, fading: String, ages: String
  ) -> String {
    let suffix = "_l\(layer)" + (direction == 1 ? "_reverse" : "")
    let sums = graph.add(
      "Add", graph.add("MatMul", read, turned("lstm.weight_ih" + suffix)), vector("lstm.bias_ih" + suffix))
    let rowCount = graph.add("Gather", shapeOfInputs, graph.integers([0]))
    let zeros = graph.add(
      "ConstantOfShape", concatenate([rowCount, graph.integers([shape.hiddenCount])], axis: 0))
    var scanned = [sums, mask]
    if shape.decay != .none {
      scanned.append(shape.decay == .exponential ? learnedFading(suffix, hours) : fading)
    }
    let keepsHidden = !ages.isEmpty
    if keepsHidden {
      scanned.append(
        retention(graph.add("MatMul", ages, turned("state_decay.weight" + suffix)), vector("state_decay.bias" + suffix))
      )
    }
    let body = body(suffix, keepsHidden: keepsHidden)
    let results = (0..<3).map { _ in graph.fresh() }
    return graph.add(
      "Scan", [zeros, zeros] + scanned,
      [
        ("body", .graph(body)), ("num_scan_inputs", .integer(scanned.count)),
        ("scan_input_directions", .integers(scanned.map { _ in direction })),
        ("scan_output_directions", .integers([direction])),
      ], results)[2]
  }

  /// One step: h, c, sums, mask, fading?, retention? → h, c, h.
  private mutating func body(_ suffix: String, keepsHidden: Bool) -> OnnxGraph {
    var step = OnnxGraph("step" + suffix)
    let hidden = shape.hiddenCount
    let state: [(size: Int?, name: String)] = [(nil, "B"), (hidden, "")]
    step.inputs = [
      .init(name: "h" + suffix, extents: state), .init(name: "c" + suffix, extents: state),
      .init(name: "z" + suffix, extents: [(nil, "B"), (4 * hidden, "")]),
      .init(name: "m" + suffix, extents: [(nil, "B"), (1, "")]),
    ]
    var (read, before) = ("h" + suffix, "c" + suffix)
    if shape.decay != .none {
      step.inputs.append(
        .init(name: "d" + suffix, extents: [(nil, "B"), (shape.decay == .exponential ? hidden : 1, "")]))
      let weights = turned("decay.weight" + suffix, &step)
      let bias = step.floats(values("decay.bias" + suffix), [hidden])
      let short = step.add("Tanh", step.add("Add", step.add("MatMul", before, weights), bias))
      before = step.add("Sub", before, step.add("Mul", "d" + suffix, short))
    }
    if keepsHidden {
      step.inputs.append(.init(name: "k" + suffix, extents: state))
      read = step.add("Mul", read, "k" + suffix)
    }
    let sums = step.add("Add", "z" + suffix, step.add("MatMul", read, turned("lstm.weight_hh" + suffix, &step)))
    let gates = (0..<4).map { step.slice(sums, $0 * hidden..<($0 + 1) * hidden, axis: 1) }
    let (i, f) = (step.add("Sigmoid", gates[0]), step.add("Sigmoid", gates[1]))
    let (g, o) = (step.add("Tanh", gates[2]), step.add("Sigmoid", gates[3]))
    let memory = step.add("Add", step.add("Mul", f, before), step.add("Mul", i, g))
    let result = step.add("Mul", o, step.add("Tanh", memory))
    // Beyond a row's end its state stays, and its output is zero.
    let rest = step.add("Sub", step.floats([1], [1]), "m" + suffix)
    let output = step.add("Mul", "m" + suffix, result, as: "out" + suffix)
    let nextH = step.add("Add", output, step.add("Mul", rest, "h" + suffix), as: "h_next" + suffix)
    let nextC = step.add(
      "Add", step.add("Mul", "m" + suffix, memory), step.add("Mul", rest, "c" + suffix), as: "c_next" + suffix)
    step.outputs = [nextH, nextC, output].map { .init(name: $0, extents: state) }
    return step
  }

  private mutating func pool(_ states: String, _ mask: String) {
    var scored = states
    if shape.attention == .additive {
      let product = graph.add("MatMul", states, turned("attention.weight"))
      scored = graph.add("Tanh", graph.add("Add", product, vector("attention.bias")))
    }
    let scores = graph.add("MatMul", scored, turned("attention.query"))
    let hiding = graph.add("Mul", graph.add("Sub", mask, graph.floats([1], [1])), graph.floats([1e9], [1]))
    let shares = graph.add("Softmax", graph.add("Add", scores, hiding), attributes: [("axis", .integer(0))])
    let flat = graph.add("Squeeze", shares, graph.integers([2]))
    _ = graph.add("Transpose", flat, attributes: [("perm", .integers([1, 0]))], as: "attention")
    var features = graph.add(
      "ReduceSum", graph.add("Mul", shares, states), graph.integers([0]), attributes: [("keepdims", .integer(0))])
    if shape.staticCount > 0 { features = concatenate([features, "statics"], axis: 1) }
    let outputs = graph.add(
      "Add", graph.add("MatMul", features, turned("output.weight")), vector("output.bias"))
    let heads = network.heads.losses.enumerated().map { head, loss in
      let output = graph.slice(outputs, head..<head + 1, axis: 1)
      guard loss.objective == .regression else { return graph.add("Sigmoid", output) }
      let scaled = graph.add("Mul", output, graph.floats([Float(loss.labelScale)], [1]))
      return graph.add("Add", scaled, graph.floats([Float(loss.labelMean)], [1]))
    }
    _ = graph.add("Concat", heads, [("axis", .integer(1))], ["prediction"])
  }
}
