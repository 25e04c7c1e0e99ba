// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// A checkpoint, little-endian: "MSTRBST" and a version byte; fingerprint of data, options and seed; the trees; losses
/// after each tree; scores; FNV-1a of all bytes before. Scores are kept under DART only, which changes trees that have been
/// added; else, added up again tree by tree, they are the same to the last bit.
enum BoosterCheckpoint {
  static let magic = Array("MSTRBST".utf8) + [1]

  static func encode(fingerprint: UInt64, _ content: Content) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(bytes: magic)
    writer.write(fingerprint)
    writer.write(Int64(content.trees.count))
    for tree in content.trees { writer.write(tree) }
    for numbers in [content.trainLoss, content.validLoss, content.stoppingScores, content.scores, content.heldScores] {
      writer.write(numbers)
    }
    writer.write(Fingerprint.of(writer.bytes[...]))
    return writer.bytes
  }

  struct Content {
    var trees: [Tree] = []
    var trainLoss: [Double] = []
    var validLoss: [Double] = []
    /// What early stopping watched, if not the loss.
    var stoppingScores: [Double] = []
    /// Of the training rows.
    var scores: [Double] = []
    /// Of the validation rows.
    var heldScores: [Double] = []
  }

  /// - Throws: `badCheckpoint` for bytes that are no whole checkpoint, `foreignCheckpoint` for one of another training.
  static func decode(_ bytes: [UInt8], fingerprint: UInt64, columnCount: Int) throws(BoosterError) -> Content {
    guard bytes.count >= magic.count + 16, bytes.prefix(magic.count).elementsEqual(magic) else {
      throw ByteReader.damaged("to begin with MSTRBST and version 1", "\(bytes.count) other bytes")
    }
    let bodyEnd = bytes.count - 8
    var tail = ByteReader(bytes, range: bodyEnd..<bytes.count)
    guard try tail.integer(UInt64.self) == Fingerprint.of(bytes[..<bodyEnd]) else {
      throw ByteReader.damaged("a matching checksum", "another: the bytes were cut or changed")
    }
    var reader = ByteReader(bytes, range: magic.count..<bodyEnd)
    guard try reader.integer(UInt64.self) == fingerprint else {
      throw BoosterError(
        .foreignCheckpoint, subject: "booster checkpoint",
        expected: "one of the same rows, labels, bins, options (but for `trees`) and seed", found: "another training's")
    }
    var content = Content()
    for _ in 0..<(try reader.count(elementSize: 64)) { content.trees.append(try reader.tree(columnCount: columnCount)) }
    content.trainLoss = try reader.doubles()
    content.validLoss = try reader.doubles()
    content.stoppingScores = try reader.doubles()
    content.scores = try reader.doubles()
    content.heldScores = try reader.doubles()
    guard reader.isAtEnd, content.trainLoss.count == content.trees.count,
      content.validLoss.isEmpty || content.validLoss.count == content.trees.count,
      content.stoppingScores.isEmpty || content.stoppingScores.count == content.trees.count
    else { throw ByteReader.damaged("a loss for each of \(content.trees.count) trees", "another number of them") }
    return content
  }
}

extension BoosterOptions {
  /// All options that the first trees depend on: of two trainings that differ only in `trees`, the shorter is a part of
  /// the longer one.
  func add(to fingerprint: inout Fingerprint) {
    for number in [
      learningRate, leafHessianMin, l1, l2, gainMin, rowFraction, columnFraction, positiveWeight, quantile,
      tweediePower,
      gossTop, gossRest, dropRate, dropSkip,
    ] { fingerprint.add(number) }
    for choice in [loss.rawValue, growth.rawValue, rateSchedule.rawValue, sampling.rawValue, stopOn.rawValue] {
      fingerprint.add(choice)
    }
    // Only a constant rate is the same for any number of trees.
    if rateSchedule != .constant { fingerprint.add(treeCount) }
    for number in [leafCountMax, depthMax, leafRowsMin, binCountMax, binRowsMin, patienceTrees] {
      fingerprint.add(number)
    }
  }
}

extension BinnedMatrix {
  /// Of shape and bounds; the bins themselves follow from the bounds and the values.
  func add(to fingerprint: inout Fingerprint) {
    fingerprint.add(rowCount)
    for column in columns {
      fingerprint.add(column.valueBinCount)
      for bound in column.bounds { fingerprint.add(UInt64(bound.bitPattern)) }
      for category in column.categories ?? [] { fingerprint.add(Int(category)) }
    }
  }
}
