// SPDX-License-Identifier: Apache-2.0

/// An ONNX graph under construction.
///
/// - Source: onnx.proto (field numbers), opset 17.
struct OnnxGraph {
  enum Attribute {
    case integer(Int)
    case integers([Int])
    case float(Float)
    case graph(OnnxGraph)
  }

  /// A named value: floats unless it is a shape; an extent that is nil is free, by name.
  struct Value {
    let name: String
    let extents: [(size: Int?, name: String)]
  }

  private struct Node {
    let operation: String
    let inputs: [String]
    let outputs: [String]
    let attributes: [(String, Attribute)]
  }

  let name: String
  var inputs: [Value] = []
  var outputs: [Value] = []
  private var nodes: [Node] = []
  private var tensors: [(name: String, extents: [Int], floats: [Float]?, integers: [Int]?)] = []
  private var count = 0

  init(_ name: String) { self.name = name }

  /// One operation with one result; its name.
  mutating func add(
    _ operation: String, _ inputs: String..., attributes: [(String, Attribute)] = [], as result: String? = nil
  ) -> String {
    add(operation, inputs, attributes, [result ?? fresh()])[0]
  }

  mutating func add(
    _ operation: String, _ inputs: [String], _ attributes: [(String, Attribute)], _ outputs: [String]
  ) -> [String] {
    nodes.append(Node(operation: operation, inputs: inputs, outputs: outputs, attributes: attributes))
    return outputs
  }

  mutating func fresh() -> String {
    count += 1
    return "\(name)_\(count)"
  }

  mutating func floats(_ values: [Float], _ extents: [Int]) -> String {
    let name = fresh()
    tensors.append((name, extents, values, nil))
    return name
  }

  mutating func integers(_ values: [Int]) -> String {
    let name = fresh()
    tensors.append((name, [values.count], nil, values))
    return name
  }

  /// Columns `range` of the last of three axes, or of another.
  mutating func slice(_ value: String, _ range: Range<Int>, axis: Int) -> String {
    add(
      "Slice", value, integers([range.lowerBound]), integers([range.upperBound]), integers([axis]))
  }

  /// A whole file.
  ///
  /// - Parameter metadata: names and texts for the reader (`metadata_props`).
  func model(metadata: [(name: String, value: String)]) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.integer(1, 8)
    writer.text(2, "muster")
    writer.message(7) { write(to: &$0) }
    writer.message(8) {
      $0.text(1, "")
      $0.integer(2, 17)
    }
    for (name, value) in metadata {
      writer.message(14) {
        $0.text(1, name)
        $0.text(2, value)
      }
    }
    return writer.bytes
  }

  private func write(to writer: inout ProtobufWriter) {
    for node in nodes { writer.message(1) { write(node, &$0) } }
    writer.text(2, name)
    for tensor in tensors {
      writer.message(5) {
        for extent in tensor.extents { $0.integer(1, extent) }
        $0.integer(2, tensor.floats != nil ? 1 : 7)
        $0.text(8, tensor.name)
        var raw = ByteWriter()
        if let floats = tensor.floats { raw.append(floats) }
        for value in tensor.integers ?? [] { raw.write(Int64(value)) }
        $0.data(9, raw.bytes)
      }
    }
    for (field, values) in [(11, inputs), (12, outputs)] {
      for value in values { writer.message(field) { write(value, &$0) } }
    }
  }

  private func write(_ node: Node, _ writer: inout ProtobufWriter) {
    for input in node.inputs { writer.text(1, input) }
    for output in node.outputs { writer.text(2, output) }
    writer.text(4, node.operation)
    for (name, attribute) in node.attributes {
      writer.message(5) {
        $0.text(1, name)
        switch attribute {
        case .float(let value):
          $0.float(2, value)
          $0.integer(20, 1)
        case .integer(let value):
          $0.integer(3, value)
          $0.integer(20, 2)
        case .graph(let graph):
          $0.message(6) { graph.write(to: &$0) }
          $0.integer(20, 5)
        case .integers(let values):
          for value in values { $0.integer(8, value) }
          $0.integer(20, 7)
        }
      }
    }
  }

  private func write(_ value: Value, _ writer: inout ProtobufWriter) {
    writer.text(1, value.name)
    writer.message(2) {
      $0.message(1) {
        $0.integer(1, 1)
        $0.message(2) {
          for extent in value.extents {
            $0.message(1) {
              if let size = extent.size { $0.integer(1, size) } else { $0.text(2, extent.name) }
            }
          }
        }
      }
    }
  }
}
