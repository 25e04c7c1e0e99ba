// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// A tensor of a safetensors file.
package struct NamedTensor: Hashable, Sendable {
  package let name: String
  /// Row-major.
  package let extents: [Int]
  /// Of 32 bits; empty where `doubles` are the numbers.
  package let values: [Float]
  /// Of 64 bits.
  package let doubles: [Double]
  let isDouble: Bool

  package init(name: String, extents: [Int], values: [Float]) {
    (self.name, self.extents, self.values, doubles, isDouble) = (name, extents, values, [], false)
  }

  package init(name: String, extents: [Int], doubles: [Double]) {
    (self.name, self.extents, values, self.doubles, isDouble) = (name, extents, [], doubles, true)
  }

  var byteCount: Int { isDouble ? 8 * doubles.count : 4 * values.count }
}

/// Tensors as a safetensors file: the header's length in eight bytes, a JSON header, little-endian floats. Those of 64 bits come
/// first, so that each lies at a multiple of its size.
///
/// - Source: huggingface/safetensors, "Format"; the header is padded with spaces to a multiple of eight.
package func safetensors(_ tensors: [NamedTensor], metadata: [(name: String, value: String)] = []) -> [UInt8] {
  let tensors = tensors.filter(\.isDouble) + tensors.filter { !$0.isDouble }
  var header = "{"
  if !metadata.isEmpty {
    header +=
      "\"__metadata__\":{"
      + metadata.map { "\(jsonQuoted($0.name)):\(jsonQuoted($0.value))" }.joined(separator: ",") + "},"
  }
  var offset = 0
  header += tensors.map { tensor in
    defer { offset += tensor.byteCount }
    return
      "\"\(tensor.name)\":{\"dtype\":\"\(tensor.isDouble ? "F64" : "F32")\","
      + "\"shape\":[\(tensor.extents.map(String.init).joined(separator: ","))],"
      + "\"data_offsets\":[\(offset),\(offset + tensor.byteCount)]}"
  }.joined(separator: ",")
  header += "}"
  while header.utf8.count % 8 != 0 { header += " " }
  var writer = ByteWriter()
  writer.write(UInt64(header.utf8.count))
  writer.append(header)
  for tensor in tensors {
    for value in tensor.doubles { writer.write(value) }
    writer.append(tensor.values)
  }
  return writer.bytes
}

extension RecurrentNet {
  /// The weights by the names of PyTorch's `LSTM`, `Linear` and `LayerNorm`: gates in the order i, f, g, o, `bias_hh` zero.
  package var tensors: [NamedTensor] {
    ParameterLayout(shape).blocks.flatMap { block in
      let values = Array(parameters[block.range])
      let tensor = NamedTensor(
        name: block.name, extents: block.isVector ? [block.extents[0]] : block.extents, values: values)
      guard block.name.hasPrefix("lstm.bias_ih") else { return [tensor] }
      // PyTorch adds two biases; ours is the first.
      let twin = NamedTensor(
        name: "lstm.bias_hh" + block.name.dropFirst("lstm.bias_ih".count), extents: tensor.extents,
        values: [Float](repeating: 0, count: values.count))
      return [tensor, twin]
    }
  }

  /// The weights as a safetensors file; its metadata name the parts of the network.
  package var safetensorsFile: [UInt8] { safetensorsFile(with: []) }

  /// The same with tensors and metadata of the caller's, such as what prepares its inputs.
  package func safetensorsFile(with others: [NamedTensor], metadata: [(name: String, value: String)] = []) -> [UInt8] {
    safetensors(
      tensors + others,
      metadata: metadata + [
        ("format", "pt"), ("decay", shape.decay.rawValue), ("attention", shape.attention.rawValue),
        ("hidden", "\(shape.hiddenCount)"), ("layers", "\(shape.layerCount)"),
        ("bidirectional", "\(shape.isBidirectional)"), ("time_encoding", "\(shape.timeEncodingCount)"),
        ("mean_decay", "\(shape.meanDecayCount)"), ("layer_norm", "\(shape.normalisesLayers)"),
      ])
  }
}
