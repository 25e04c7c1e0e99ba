// SPDX-License-Identifier: Apache-2.0

import Boosters
import Crypto
import Foundation
import Hyperparameters
import LinearModels
import RecurrentNets
import Sweeps

extension FinishedModel {
  /// Larger files are refused: the largest network that a sweep can ask for has some 800 MB of weights.
  package static let byteCountMax = 2 << 30

  /// - Parameter path: of a file as an artifact is kept, or a copy of it.
  package static func read(_ path: String) throws(ModelError) -> FinishedModel {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ModelError(
        .fileMissing, path: path, expected: "a model's file", found: "none",
        advice: "`muster model list --tracker FILE` names those of a tracker")
    }
    let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
    guard !isFolder.boolValue, size <= byteCountMax else {
      throw ModelError(
        .notAModel, path: path, expected: "a file of at most \(byteCountMax) bytes",
        found: isFolder.boolValue ? "a folder" : "\(size) bytes", advice: "name the model's file")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ModelError(
        .unreadable, path: path, expected: "to read it", found: "that it may not be read",
        advice: "check its permissions"
      )
    }
    return try FinishedModel(Array(data), path: path)
  }

  /// - Parameter path: for messages.
  package init(_ bytes: [UInt8], path: String) throws(ModelError) {
    self.path = path
    digest = ContentDigest(bytes: SHA256.hash(data: bytes))
    byteCount = bytes.count
    if bytes.starts(with: Array("tree".utf8)) {
      let booster = try Self.booster(bytes, path: path)
      origin = try Self.origin(ofText: bytes, booster, path: path)
      content = .trees(booster)
      return
    }
    guard TensorFile.isBegun(by: bytes) else {
      throw ModelError(
        .notAModel, path: path, expected: "safetensors of an LSTM or a linear model, or LightGBM's text",
        found: bytes.isEmpty ? "an empty file" : "another file", advice: "name the file of a model that was kept")
    }
    let file = try TensorFile(bytes, path: path)
    guard let text = file.metadata[ModelOrigin.key] else {
      throw ModelError(
        .versionUnknown, path: path, subject: "header `\(ModelOrigin.key)`",
        expected: "what the model was fitted to (files before format 1 lack it, and means in 64 bits)", found: "none",
        advice: ModelError.fitAgain)
    }
    let origin = try ModelOrigin(json: text, path: path)
    self.origin = origin
    switch origin.learner {
    case .lstm: content = .network(try FittedNetwork(file, origin))
    case .linear: content = .line(try FittedLine(file, origin))
    case .booster:
      throw file.damaged("header `\(ModelOrigin.key)`, learner", "lstm or linear in a safetensors file", "booster")
    }
  }

  private static func booster(_ bytes: [UInt8], path: String) throws(ModelError) -> Booster {
    do throws(BoosterError) {
      return try Booster(lightGBMText: bytes)
    } catch {
      throw ModelError(
        error.code == .unsupportedModel ? .unsupported : .damaged, path: path, subject: error.subject,
        expected: error.expected, found: error.found,
        advice: error.code == .unsupportedModel
          ? "use LightGBM itself for this model" : "copy the file anew, or \(ModelError.fitAgain)")
    }
  }

  private static func origin(
    ofText bytes: [UInt8], _ booster: Booster, path: String
  ) throws(ModelError) -> ModelOrigin? {
    let mark = Array("\(ModelOrigin.key)=".utf8)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      if line.starts(with: "Tree=".utf8) { return nil }
      guard line.starts(with: mark) else { continue }
      let origin = try ModelOrigin(json: String(decoding: line.dropFirst(mark.count), as: UTF8.self), path: path)
      guard origin.learner == .booster, origin.columns.count == booster.columnCount else {
        throw ModelError(
          .damaged, path: path, subject: "header `\(ModelOrigin.key)`",
          expected: "a booster of \(booster.columnCount) columns",
          found: "\(origin.learner.rawValue) of \(origin.columns.count)",
          advice: "copy the file anew, or \(ModelError.fitAgain)")
      }
      return origin
    }
    return nil
  }
}

extension FittedNetwork {
  init(_ file: TensorFile, _ origin: ModelOrigin) throws(ModelError) {
    let shape = try NetworkShape(file, origin)
    let layout = ParameterLayout(shape)
    let twins = layout.blocks.compactMap { Self.twin(of: $0.name) }
    let own = ["channels.means", "channels.scales", "columns.means", "columns.scales"]
    try file.checkNames(layout.blocks.map(\.name) + twins + own + ["heads.label_means", "heads.label_scales"])
    let (channelCount, columnCount, headCount) = (origin.channels.count, origin.columns.count, origin.heads.count)
    preparation = SequencePreparation(
      means: try file.doubles("channels.means", [channelCount]),
      scales: try file.doubles("channels.scales", [channelCount]),
      statics: ColumnScaling(
        means: try file.doubles("columns.means", [columnCount]),
        scales: try file.doubles("columns.scales", [columnCount]), indicators: []))
    let means = try file.doubles("heads.label_means", [headCount])
    let scales = try file.doubles("heads.label_scales", [headCount])
    guard scales.allSatisfy({ $0 > 0 }) else { throw file.damaged("heads.label_scales", "positive numbers", "another") }
    let links = zip(origin.heads, zip(means, scales)).map {
      HeadLink(objective: $0.objective, labelMean: $1.0, labelScale: $1.1)
    }
    do {
      network = try RecurrentNet(shape: shape, heads: links) { block in
        let values = try file.floats(block.name, block.isVector ? [block.extents[0]] : block.extents)
        if let twin = Self.twin(of: block.name) {
          guard try file.floats(twin, [values.count]).allSatisfy({ $0 == 0 }) else {
            throw file.damaged(twin, "zeros: ours is the first of PyTorch's two biases", "others")
          }
        }
        return values
      }
    } catch let error as ModelError {
      throw error
    } catch {
      throw file.damaged("weights", "what the description has", "\(error)")
    }
    dropout = try file.share("dropout")
    variationalDropout = try file.share("variational_dropout")
  }

  private static func twin(of name: String) -> String? {
    name.hasPrefix("lstm.bias_ih") ? "lstm.bias_hh" + name.dropFirst("lstm.bias_ih".count) : nil
  }
}

extension NetworkShape {
  fileprivate init(_ file: TensorFile, _ origin: ModelOrigin) throws(ModelError) {
    let decay: LSTMOptions.Decay = try file.choice("decay")
    self.init(
      inputCount: 3 * origin.channels.count, hiddenCount: try file.count("hidden", 1...4_096),
      staticCount: origin.columns.count, decay: decay)
    layerCount = try file.count("layers", 1...3)
    isBidirectional = try file.flag("bidirectional")
    timeEncodingCount = try file.count("time_encoding", 0...64)
    meanDecayCount = try file.count("mean_decay", 0...origin.channels.count)
    guard meanDecayCount == 0 || meanDecayCount == origin.channels.count else {
      throw file.damaged("header `mean_decay`", "0 or \(origin.channels.count)", "\(meanDecayCount)")
    }
    attention = try file.choice("attention")
    normalisesLayers = try file.flag("layer_norm")
    outputCount = origin.heads.count
  }
}

extension FittedLine {
  init(_ file: TensorFile, _ origin: ModelOrigin) throws(ModelError) {
    try file.checkNames(["weights", "intercept", "columns.indicators", "columns.means", "columns.scales"])
    let columnCount = origin.columns.count
    let indicatorCount = file.shape(of: "columns.indicators")?.first ?? 0
    let numbers = try file.doubles("columns.indicators", [indicatorCount])
    let isAscending = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
    guard isAscending, numbers.allSatisfy({ $0 >= 0 && $0 < Double(columnCount) && $0 == $0.rounded() }) else {
      throw file.damaged("columns.indicators", "ascending columns of \(columnCount)", "others")
    }
    guard origin.heads.count == 1 else { throw file.damaged("heads", "1 of a linear model", "\(origin.heads.count)") }
    scaling = ColumnScaling(
      means: try file.doubles("columns.means", [columnCount]),
      scales: try file.doubles("columns.scales", [columnCount]),
      indicators: numbers.map { Int($0) })
    fit = LinearFit(
      objective: origin.heads[0].objective, weights: try file.doubles("weights", [columnCount + indicatorCount]),
      intercept: try file.doubles("intercept", [1])[0])
  }
}

extension TensorFile {
  fileprivate func text(_ key: String) throws(ModelError) -> String {
    guard let text = metadata[key] else { throw damaged("header `\(key)`", "a value", "none") }
    return text
  }

  fileprivate func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) throws(ModelError) -> Choice {
    let text = try text(key)
    guard let choice = Choice(rawValue: text) else {
      throw damaged(
        "header `\(key)`", Choice.allCases.map(\.rawValue).joined(separator: ", "), text.prefix(40).debugDescription)
    }
    return choice
  }

  fileprivate func count(_ key: String, _ range: ClosedRange<Int>) throws(ModelError) -> Int {
    let text = try text(key)
    guard let count = Int(text), range.contains(count) else {
      throw damaged(
        "header `\(key)`", "\(range.lowerBound) to \(range.upperBound)", text.prefix(40).debugDescription)
    }
    return count
  }

  fileprivate func flag(_ key: String) throws(ModelError) -> Bool {
    let text = try text(key)
    guard let flag = Bool(text) else {
      throw damaged("header `\(key)`", "true or false", text.prefix(40).debugDescription)
    }
    return flag
  }

  /// A share of 0 or more and less than 1.
  fileprivate func share(_ key: String) throws(ModelError) -> Double {
    let text = try text(key)
    guard let share = Double(text), share >= 0, share < 1 else {
      throw damaged("header `\(key)`", "a share, 0 or more and less than 1", text.prefix(40).debugDescription)
    }
    return share
  }
}
