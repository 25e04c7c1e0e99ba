// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// A safetensors file of ours, read back. Every length is held against the bytes before it is used; nothing traps on damage.
///
/// - Source: huggingface/safetensors, "Format": the header's length in eight bytes, JSON, then the tensors without gaps.
struct TensorFile {
  /// Far above any header of ours: 100,000 columns take some 10 MB.
  static let headerBytesMax = 32 << 20

  let path: String
  let metadata: [String: String]
  private let tensors: [String: Tensor]
  private let bytes: [UInt8]
  private let start: Int

  /// Whether bytes begin like such a file: a length that can be and an object.
  static func isBegun(by bytes: [UInt8]) -> Bool { bytes.count > 8 && bytes[8] == UInt8(ascii: "{") }

  init(_ bytes: [UInt8], path: String) throws(ModelError) {
    self.path = path
    self.bytes = bytes
    func damaged(_ code: ModelError.Code, _ subject: String, _ expected: String, _ found: String) -> ModelError {
      ModelError(
        code, path: path, subject: subject, expected: expected, found: found,
        advice: "copy the file anew, or \(ModelError.fitAgain)")
    }
    guard bytes.count >= 8 else {
      throw damaged(.truncated, "header's length", "8 bytes", "\(bytes.count)")
    }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.headerBytesMax) else {
      throw damaged(.damaged, "header's length", "at most \(Self.headerBytesMax) bytes", "\(length)")
    }
    start = 8 + Int(length)
    guard start <= bytes.count else {
      throw damaged(.truncated, "header", "\(length) bytes", "\(bytes.count - 8)")
    }
    let header: Header
    do { header = try JSONDecoder().decode(Header.self, from: Data(bytes[8..<start])) } catch {
      throw damaged(.damaged, "header", "JSON of tensors with dtype, shape and data_offsets", "another text")
    }
    metadata = header.metadata
    tensors = header.tensors
    var end = 0
    for (name, tensor) in tensors.sorted(by: { ($0.value.first, $0.key) < ($1.value.first, $1.key) }) {
      guard let size = tensor.byteCount else {
        throw damaged(.damaged, name, "dtype F32 or F64 and a shape that can be counted", tensor.dtype)
      }
      guard tensor.first == end, tensor.last - tensor.first == size else {
        throw damaged(
          .damaged, name, "bytes \(end) to \(end + size), after the tensor before it",
          "\(tensor.first) to \(tensor.last)")
      }
      guard size <= bytes.count - start - end else {
        throw damaged(.truncated, name, "\(size) bytes", "\(bytes.count - start - end)")
      }
      end += size
    }
    guard end == bytes.count - start else {
      throw damaged(.damaged, "tensors", "\(end) bytes", "\(bytes.count - start)")
    }
  }

  /// Throws where the file holds other tensors than these.
  func checkNames(_ expected: [String]) throws(ModelError) {
    let (expected, found) = (Set(expected), Set(tensors.keys))
    if let name = expected.subtracting(found).sorted().first { throw damaged(name, "this tensor", "none") }
    if let name = found.subtracting(expected).sorted().first {
      throw damaged(name.debugDescription, "the tensors that the header's description has", "one more")
    }
  }

  /// Of 32 bits, all finite.
  func floats(_ name: String, _ shape: [Int]) throws(ModelError) -> [Float] {
    let first = try place(name, shape, dtype: "F32")
    let values = (0..<shape.reduce(1, *)).map { Float(bitPattern: UInt32(truncatingIfNeeded: word(first + 4 * $0, 4))) }
    return try checked(values, name)
  }

  /// Of 64 bits, all finite.
  func doubles(_ name: String, _ shape: [Int]) throws(ModelError) -> [Double] {
    let first = try place(name, shape, dtype: "F64")
    let values = (0..<shape.reduce(1, *)).map { Double(bitPattern: word(first + 8 * $0, 8)) }
    return try checked(values, name)
  }

  /// The extents of a tensor, for those whose length the description does not fix.
  func shape(of name: String) -> [Int]? { tensors[name]?.shape }

  private func checked<Value: BinaryFloatingPoint>(_ values: [Value], _ name: String) throws(ModelError) -> [Value] {
    guard let index = values.firstIndex(where: { !$0.isFinite }) else { return values }
    throw damaged("\(name), number \(index)", "a finite number", values[index].isNaN ? "NaN" : "infinity")
  }

  private func place(_ name: String, _ shape: [Int], dtype: String) throws(ModelError) -> Int {
    guard let tensor = tensors[name] else { throw damaged(name, "this tensor", "none") }
    guard tensor.dtype == dtype else { throw damaged(name, "numbers of \(dtype)", tensor.dtype) }
    guard tensor.shape == shape else { throw damaged(name, "shape \(shape)", "\(tensor.shape)") }
    return start + tensor.first
  }

  private func word(_ first: Int, _ count: Int) -> UInt64 {
    var word: UInt64 = 0
    for offset in (0..<count).reversed() { word = word << 8 | UInt64(bytes[first + offset]) }
    return word
  }

  func damaged(_ subject: String, _ expected: String, _ found: String) -> ModelError {
    ModelError(
      .damaged, path: path, subject: subject, expected: expected, found: found,
      advice: "copy the file anew, or \(ModelError.fitAgain)")
  }
}

private struct Tensor: Decodable {
  let dtype: String
  let shape: [Int]
  let offsets: [Int]

  enum CodingKeys: String, CodingKey {
    case dtype, shape
    case offsets = "data_offsets"
  }

  var first: Int { offsets.count == 2 ? offsets[0] : -1 }
  var last: Int { offsets.count == 2 ? offsets[1] : -1 }

  /// nil for another type than ours, a negative extent, and more bytes than can be counted.
  var byteCount: Int? {
    guard let size = ["F32": 4, "F64": 8][dtype], shape.count <= 8, offsets.count == 2, last >= first else {
      return nil
    }
    var product = size
    for extent in shape {
      let (next, isOverflowing) = product.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !isOverflowing else { return nil }
      product = next
    }
    return product
  }
}

private struct Header: Decodable {
  var metadata: [String: String] = [:]
  var tensors: [String: Tensor] = [:]

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        tensors[key.stringValue] = try container.decode(Tensor.self, forKey: key)
      }
    }
  }
}
