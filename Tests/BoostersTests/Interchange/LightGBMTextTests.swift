// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters
import Testing

@Suite struct LightGBMTextTests {
  /// Goal: the text says what the model does. Method: an independent reader, written from the format's description alone,
  /// predicts from the text; scores must agree bit for bit, on missing, infinite and unseen values too.
  @Test(arguments: ObjectiveKind.allCases)
  func text_readBack_predictsTheSameBits(objective: ObjectiveKind) throws {
    let rows = Case(seed: 1, rowCount: 600, columnCount: 7, objective: objective)
    let booster = try rows.fit(["trees": .integer(20), "min_leaf": .integer(3)], objective: objective).booster
    let reader = TextModel(String(decoding: booster.encoded, as: UTF8.self))
    #expect(reader.header["objective"] == (objective == .binary ? "binary sigmoid:1" : "regression"))
    #expect(reader.header["max_feature_idx"] == "6")
    #expect(reader.header["feature_names"] == Substring((0..<7).map { "Column_\($0)" }.joined(separator: " ")))
    var strange = Case(seed: 2, rowCount: 200, columnCount: 7)
    for index in stride(from: 0, to: strange.values.count, by: 5) {
      strange.values[index] = [.nan, 1e30, -1e30, 0, -0.0][index / 5 % 5]
    }
    for probe in [rows, strange] {
      let expected = booster.scores(probe)
      let found = (0..<probe.rowCount).map { reader.score(Array(probe.values[$0 * 7..<$0 * 7 + 7])) }
      #expect(found == expected)
    }
  }

  @Test func treeSizes_areTheBytesOfTheBlocks() throws {
    let booster = try Case(seed: 3, rowCount: 300, columnCount: 4).fit(["trees": .integer(5)]).booster
    let text = String(decoding: booster.lightGBMText(columnNames: ["a b", "b", "c", "d"]), as: UTF8.self)
    #expect(text.contains("feature_names=a_b b c d\n"))
    let line = text.split(separator: "\n").first { $0.hasPrefix("tree_sizes=") } ?? ""
    let sizes = line.dropFirst(11).split(separator: " ").compactMap { Int($0) }
    #expect(sizes.count == 5)
    // The blocks start after the header's empty line.
    var rest = Array(text.utf8)[...]
    while rest.count > 1, rest.prefix(2) != [10, 10] { rest = rest.dropFirst() }
    rest = rest.dropFirst(2)
    for (index, size) in sizes.enumerated() {
      #expect(String(decoding: rest, as: UTF8.self).hasPrefix("Tree=\(index)\n"))
      rest = rest.dropFirst(size)
    }
    #expect(String(decoding: rest, as: UTF8.self).hasPrefix("end of trees\n"))
  }

  @Test func modelWithoutTrees_isOneLeaf() throws {
    let booster = try Case(values: [1, 1], labels: [1, 2], columnCount: 1).fit(objective: .regression).booster
    #expect(TextModel(String(decoding: booster.encoded, as: UTF8.self)).score([5]) == 1.5)
  }
}

/// Reads what the format's description says and nothing else.
private struct TextModel {
  var header: [Substring: Substring] = [:]
  var trees: [[Substring: Substring]] = []

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      if line == "end of trees" { break }
      guard let at = line.firstIndex(of: "=") else { continue }
      let key = line[..<at]
      if key == "Tree" { trees.append([:]) }
      if trees.isEmpty { header[key] = line[line.index(after: at)...] }
      if !trees.isEmpty { trees[trees.count - 1][key] = line[line.index(after: at)...] }
    }
  }

  func score(_ row: [Float]) -> Double {
    var sum = 0.0
    for tree in trees {
      func numbers(_ key: Substring) -> [Double] { (tree[key] ?? "").split(separator: " ").map { Double($0) ?? .nan } }
      let (features, thresholds, decisions) = (
        numbers("split_feature"), numbers("threshold"), numbers("decision_type")
      )
      let (left, right, leaves) = (numbers("left_child"), numbers("right_child"), numbers("leaf_value"))
      var node = leaves.count == 1 ? -1 : 0
      while node >= 0 {
        let value = Double(row[Int(features[node])])
        let isLeft = value.isNaN ? decisions[node] == 10 : value <= thresholds[node]
        node = Int(isLeft ? left[node] : right[node])
      }
      sum += leaves[~node]
    }
    return sum
  }
}
