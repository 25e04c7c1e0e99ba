// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import Boosters

/// The ways to a tree that a CPU or a draw of columns opens lead to the same tree, to the last bit. Not run where the CPU has no
/// AVX-512: the comparison of either with the other.
@Suite struct WideWaysTests {
  struct Setting: CustomStringConvertible, Sendable {
    let name: String
    var parameters: Parameters = [:]
    var objective = ObjectiveKind.binary
    var missing = 0.2
    var columnCount = 83
    var categorical: Set<Int> = []
    var monotone: [Int8] = []
    var description: String { name }
  }

  static let settings: [Setting] = [
    Setting(name: "plain"),
    Setting(name: "l1 and l2", parameters: ["l1": .real(2), "l2": .real(3)]),
    Setting(name: "l2", parameters: ["l2": .real(1), "min_leaf": .integer(1)]),
    Setting(name: "small leaves", parameters: ["l2": .real(0), "min_leaf": .integer(1)]),
    Setting(name: "large leaves", parameters: ["min_leaf": .integer(90)]),
    Setting(name: "hessian of a leaf", parameters: ["min_hessian": .real(5)]),
    Setting(name: "nothing missing", missing: 0),
    Setting(name: "constant hessian", objective: .regression),
    Setting(name: "constant hessian, l1", parameters: ["l1": .real(2)], objective: .regression),
    Setting(name: "one group", columnCount: 5),
    Setting(name: "categories", categorical: [3, 40]),
    Setting(name: "monotone", monotone: (0..<83).map { [1, -1, 0][$0 % 3] }),
  ]

  /// Method: trees on 83 columns, of which 40 and 79 are drawn, and on all; more rows than a batch has in one of three.
  @Test(.enabled(if: PairScan.isAvailable, "not run: this CPU has no AVX-512"), arguments: settings)
  func trees_areTheSame_withAndWithoutAVX512(setting: Setting) throws {
    for (rowCount, share) in [(700, 1.0), (700, 0.5), (5_000, 0.95)] {
      let trees = try [true, false].map { isWide in
        try grow(setting, rowCount: rowCount, share: share, .init(isWide: isWide, gathersDrawnColumns: true))
      }
      #expect(trees[0] == trees[1], "\(rowCount) rows, \(share) of the columns")
      #expect(trees[0].contains { $0.nodes.count > 2 })
    }
  }

  @Test(arguments: settings)
  func trees_areTheSame_withDrawnColumnsGatheredOrNot(setting: Setting) throws {
    for share in [0.1, 0.5, 0.8] {
      let trees = try [true, false].map { gathers in
        try grow(
          setting, rowCount: 601, share: share, .init(isWide: PairScan.isAvailable, gathersDrawnColumns: gathers))
      }
      #expect(trees[0] == trees[1], "\(share) of the columns")
      #expect(trees[0].contains { !$0.nodes.isEmpty })
    }
  }

  private func grow(_ setting: Setting, rowCount: Int, share: Double, _ ways: TreeGrower.Ways) throws -> [Tree] {
    var rows = Case(
      seed: 5, rowCount: rowCount, columnCount: setting.columnCount, missing: setting.missing,
      objective: setting.objective)
    for row in 0..<rowCount {
      for column in setting.categorical where !rows.values[row * setting.columnCount + column].isNaN {
        rows.values[row * setting.columnCount + column].round()
        rows.values[row * setting.columnCount + column] += 10
      }
    }
    var parameters = setting.parameters
    parameters["leaves"] = .integer(15)
    parameters["learning_rate"] = .real(0.3)
    let matrix = rows.values.withUnsafeBufferPointer {
      BinnedMatrix(
        binning: $0, rowCount: rowCount, columnCount: setting.columnCount, binCountMax: 255,
        categoricalColumns: setting.categorical)
    }
    let loss = try Objective(setting.objective, options: BoosterOptions(parameters))
    let state = ScoredRows(labels: rows.labels, objective: loss, initialScore: 0)
    state.differentiate()
    var grower = try TreeGrower(
      matrix: matrix, options: BoosterOptions(parameters), gradients: state.gradients, hessians: state.hessians,
      isHessianConstant: loss.isHessianConstant, monotone: setting.monotone, threads: .one,
      histogramByteCountMax: 256 << 20, ways: ways)
    let sample = (0..<UInt32(rowCount)).filter { rowCount < 1_000 || $0 % 7 != 0 }
    return (0..<4).map { index in
      let columns = sampledIndexes(count: setting.columnCount, fraction: share, key: UInt64(index))
      let tree = grower.grow(rows: sample, columns: columns, dither: GradientDither(tree: 5), learningRate: 0.3)
      state.add(tree, of: matrix)
      state.differentiate()
      return tree
    }
  }
}
