// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Testing

@testable import RecurrentNets

/// Muster's side of `Peers/bench_learning.py`: fits the rows of each `*.rows` file in MUSTER_LEARNING_DIR and writes its
/// predictions beside it. Without that variable there is nothing to do.
@Suite(.serialized) struct LearningBenchmark {
  private static let folder = ProcessInfo.processInfo.environment["MUSTER_LEARNING_DIR"]

  @Test(.enabled(if: folder != nil)) func everyFile_isFitted() throws {
    let folder = URL(filePath: Self.folder ?? "")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".rows") }
    #expect(!names.isEmpty)
    for name in names.sorted() {
      let file = try TensorFile(folder.appending(path: name))
      let options = try LSTMOptions(file.parameters)
      let train = file.rows("train")
      let inner = file.rows("inner")
      let fit = try fitLSTM(
        train: train.batch, labels: train.labels, validation: inner, objective: .binary, options: options,
        seed: 11, progress: { _, _ in true })
      let predictions = fit.network.predict(file.rows("test").batch)
      let bytes = predictions.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
      try Data(bytes).write(to: folder.appending(path: name.replacing(".rows", with: ".predictions")))
    }
  }
}

/// A safetensors file of 32-bit floats, as `safetensors` of the module writes them.
struct TensorFile {
  private var tensors: [String: (extents: [Int], values: [Float])] = [:]
  let parameters: Parameters

  init(_ url: URL) throws {
    let data = try Data(contentsOf: url)
    let length = Int(data.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * $1.offset) })
    let header = try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: [String: Any]] ?? [:]
    var parameters = Parameters()
    for (name, value) in header["__metadata__"] as? [String: String] ?? [:] {
      if let integer = Int64(value) {
        parameters[name] = .integer(integer)
      } else if let real = Double(value) {
        parameters[name] = .real(real)
      } else {
        parameters[name] = value == "true" || value == "false" ? .flag(value == "true") : .text(value)
      }
    }
    self.parameters = parameters
    for (name, entry) in header where name != "__metadata__" {
      let places = entry["data_offsets"] as? [Int] ?? [0, 0]
      let bytes = data[(8 + length + places[0])..<(8 + length + places[1])]
      let values = bytes.withUnsafeBytes { raw in
        (0..<raw.count / 4).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
      }
      tensors[name] = (entry["shape"] as? [Int] ?? [], values)
    }
  }

  /// `PART.inputs` [N, T, I], `PART.elapsed`, `PART.statics`, `PART.labels`, and the file's `channels`.
  func rows(_ part: String) -> (batch: SequenceBatch, labels: [Float]) {
    let extents = tensors[part + ".inputs"]?.extents ?? [0, 0, 0]
    func values(_ name: String) -> [Float] { tensors[part + "." + name]?.values ?? [] }
    return (
      SequenceBatch(
        inputs: values("inputs"), elapsed: values("elapsed"), statics: values("statics"), rowCount: extents[0],
        stepCount: extents[1], inputCount: extents[2], staticCount: tensors[part + ".statics"]?.extents[1] ?? 0,
        channelCount: Int(tensors["channels"]?.values.first ?? 0)), values("labels")
    )
  }
}
