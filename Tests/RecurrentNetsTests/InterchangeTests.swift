// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Testing

@testable import RecurrentNets

@Suite struct InterchangeTests {
  /// Goal: the format of the description. Method: the bytes of a small file on paper.
  @Test func safetensors_hasLengthHeaderAndFloats() {
    let file = safetensors(
      [.init(name: "a", extents: [2, 1], values: [1, -2]), .init(name: "b", extents: [1], values: [0.5])],
      metadata: [("k", "v")])
    let length = Int(file[0])
    #expect(length % 8 == 0 && file[1...7].allSatisfy { $0 == 0 })
    let header = String(decoding: file[8..<8 + length], as: UTF8.self)
    #expect(
      header.trimmingCharacters(in: .whitespaces)
        == #"{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#)
    #expect(Array(file[(8 + length)...]) == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F])
  }

  /// Goal: every weight is in the file once, and PyTorch finds its second bias.
  @Test func tensors_holdEveryParameter() {
    for setting in GradientCase.all {
      let parameters = spreadParameters(setting.shape, seed: 7)
      let net = RecurrentNet(
        shape: setting.shape, parameters: parameters, loss: OutputLoss(.binary, labels: [0, 1], positiveWeight: 1))
      let tensors = net.tensors
      let own = tensors.filter { !$0.name.hasPrefix("lstm.bias_hh") }
      #expect(own.flatMap(\.values) == parameters)
      #expect(tensors.allSatisfy { $0.extents.reduce(1, *) == $0.values.count })
      #expect(tensors.count - own.count == setting.shape.layerCount * (setting.shape.isBidirectional ? 2 : 1))
    }
  }

  /// Goal: files for `Peers/check_interchange.py`, which `make check-recurrent` runs: it computes the same network in PyTorch
  /// and in onnxruntime. Method: each gradient case's weights, rows, outputs, loss and gradient, as safetensors, and ONNX.
  /// Without MUSTER_PEERS_OUT the files are only made, and must not be empty.
  @Test(arguments: GradientCase.all)
  func interchangeFiles_areWritten(setting: GradientCase) throws {
    guard !setting.isDropping else { return }
    let batch = SequenceSample.mixed(rowCount: 4, setting: setting, seed: 21)
    let labels = setting.objectives.enumerated().map { GradientTests.labels($0.offset, $0.element) }
    let losses = zip(setting.objectives, labels).map {
      OutputLoss($0, labels: $1, positiveWeight: setting.positiveWeight, focalGamma: setting.focalGamma)
    }
    let parameters = spreadParameters(setting.shape, seed: 22)
    let net = RecurrentNet(
      shape: setting.shape, parameters: parameters,
      heads: HeadLosses(losses: losses, weights: losses.map { _ in 1 }))
    let pass = NetworkPass(setting.shape, rowCountMax: 4, stepCountMax: 8, isTraining: true)
    pass.setParameters(parameters)
    pass.load(batch, selection: [0, 1, 2, 3][...])
    pass.forward()
    var logits = [Float](repeating: 0, count: 4 * losses.count)
    var total = 0.0
    for row in 0..<4 {
      for (head, loss) in losses.enumerated() {
        let place = pass.steps.slots[row] * losses.count + head
        logits[row * losses.count + head] = pass.outputs.base[place]
        let (value, _, slope) = loss.row(pass.outputs.base[place], labels[head][row])
        total += value / (loss.labelScale * loss.labelScale) / 4
        pass.outputSlopes.base[place] = Float(slope / 4)
      }
    }
    pass.backward()
    let gradient = pass.compactGradient
    let file = safetensors(
      net.tensors
        + ParameterLayout(setting.shape).blocks.map {
          .init(name: "gradient." + $0.name, extents: $0.extents, values: Array(gradient[$0.range]))
        } + rowTensors(batch, labels, setting)
        + [
          .init(name: "check.logits", extents: [4, losses.count], values: logits),
          .init(name: "check.loss", extents: [1], values: [Float(total)]),
          .init(name: "check.predictions", extents: [losses.count, 4], values: net.predictAll(batch).flatMap { $0 }),
          .init(name: "check.attention", extents: [4, batch.stepCount], values: net.attention(batch)),
        ], metadata: metadata(setting))
    let onnx = net.onnxFile
    #expect(file.count > 1_000 && onnx.count > 1_000)
    guard let folder = ProcessInfo.processInfo.environment["MUSTER_PEERS_OUT"] else { return }
    let name = setting.name.map { $0.isLetter ? String($0) : "_" }.joined()
    try Data(file).write(to: URL(filePath: folder).appending(path: name + ".safetensors"))
    try Data(onnx).write(to: URL(filePath: folder).appending(path: name + ".onnx"))
  }

  private func metadata(_ setting: GradientCase) -> [(name: String, value: String)] {
    let shape = setting.shape
    return [
      ("decay", shape.decay.rawValue), ("attention", shape.attention.rawValue), ("hidden", "\(shape.hiddenCount)"),
      ("layers", "\(shape.layerCount)"), ("directions", shape.isBidirectional ? "2" : "1"),
      ("time_encoding", "\(shape.timeEncodingCount)"), ("mean_decay", "\(shape.meanDecayCount)"),
      ("layer_norm", shape.normalisesLayers ? "1" : "0"), ("positive_weight", "\(setting.positiveWeight)"),
      ("focal_gamma", "\(setting.focalGamma)"), ("heads", setting.objectives.map(\.rawValue).joined(separator: " ")),
    ]
  }

  /// Rows padded with zeros to [4, T, ·].
  private func rowTensors(_ batch: SequenceBatch, _ labels: [[Float]], _ setting: GradientCase) -> [NamedTensor] {
    let (steps, width) = (batch.stepCount, batch.inputCount)
    var inputs = [Float](repeating: 0, count: 4 * steps * width)
    var (elapsed, mask) = ([Float](repeating: 0, count: 4 * steps), [Float](repeating: 0, count: 4 * steps))
    for row in 0..<4 {
      let first = batch.starts.isEmpty ? row * steps : batch.starts[row]
      for step in 0..<batch.length(row) {
        mask[row * steps + step] = 1
        elapsed[row * steps + step] = batch.elapsed[first + step]
        for column in 0..<width {
          inputs[(row * steps + step) * width + column] = batch.inputs[(first + step) * width + column]
        }
      }
    }
    return [
      .init(name: "check.inputs", extents: [4, steps, width], values: inputs),
      .init(name: "check.elapsed", extents: [4, steps], values: elapsed),
      .init(name: "check.mask", extents: [4, steps], values: mask),
      .init(name: "check.statics", extents: [4, batch.staticCount], values: batch.statics),
      .init(name: "check.labels", extents: [labels.count, 4], values: labels.flatMap { $0 }),
    ]
  }
}
