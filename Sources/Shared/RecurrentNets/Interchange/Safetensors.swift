// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// A tensor of a safetensors file.
package struct NamedTensor: Hashable, Sendable {
  package let name: String
  /// Row-major.
  package let extents: [Int]
  package let values: [Float]

  package init(name: String, extents: [Int], values: [Float]) {
    self.name = name
    self.extents = extents
    self.values = values
  }
}

/// Tensors as a safetensors file: the header's length in eight bytes, a JSON header, 32-bit little-endian floats.
///
/// - Source: huggingface/safetensors, "Format"; the header is padded with spaces to a multiple of eight.
package func safetensors(_ tensors: [NamedTensor], metadata: [(name: String, value: String)] = []) -> [UInt8] {
  var header = "{"
  if !metadata.isEmpty {
    header += "\"__metadata__\":{" + metadata.map { "\"\($0.name)\":\"\($0.value)\"" }.joined(separator: ",") + "},"
  }
  var offset = 0
  header += tensors.map { tensor in
    defer { offset += 4 * tensor.values.count }
    return
      "\"\(tensor.name)\":{\"dtype\":\"F32\",\"shape\":[\(tensor.extents.map(String.init).joined(separator: ","))],"
      + "\"data_offsets\":[\(offset),\(offset + 4 * tensor.values.count)]}"
  }.joined(separator: ",")
  header += "}"
  while header.utf8.count % 8 != 0 { header += " " }
  var writer = ByteWriter()
  writer.write(UInt64(header.utf8.count))
  writer.append(header)
  for tensor in tensors { writer.append(tensor.values) }
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

  /// The same with tensors of the caller's, such as those that prepare its inputs.
  package func safetensorsFile(with others: [NamedTensor]) -> [UInt8] {
    safetensors(
      tensors + others,
      metadata: [
        ("format", "pt"), ("decay", shape.decay.rawValue), ("attention", shape.attention.rawValue),
        ("hidden", "\(shape.hiddenCount)"), ("layers", "\(shape.layerCount)"),
        ("bidirectional", "\(shape.isBidirectional)"), ("time_encoding", "\(shape.timeEncodingCount)"),
        ("mean_decay", "\(shape.meanDecayCount)"), ("layer_norm", "\(shape.normalisesLayers)"),
      ])
  }
}
