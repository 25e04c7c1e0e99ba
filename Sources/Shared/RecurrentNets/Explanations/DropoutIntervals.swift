// SPDX-License-Identifier: Apache-2.0

import Randomness

/// How sure a network is of each row's prediction, by leaving its dropout on.
package struct DropoutInterval: Sendable, Hashable {
  package let mean: Float
  /// Of the draws, with n − 1.
  package let standardDeviation: Float
  package let low: Float
  package let high: Float
}

extension RecurrentNet {
  /// Predictions of the first head under `drawCount` draws of dropout, as mean, deviation and the central `coverage` share.
  ///
  /// - Parameters:
  ///   - dropout, variationalDropout: the shares that the network was trained with; with both 0 every interval is a point.
  ///   - seed: of the masks; a row's masks do not depend on the rows beside it.
  ///   - keys: [N]; what tells rows apart when masks are drawn. Their places among these rows, if none are given.
  /// - Source: Gal & Ghahramani 2016, "Dropout as a Bayesian Approximation", section 4.
  package func dropoutIntervals(
    _ rows: some SequenceRows, dropout: Double, variationalDropout: Double, drawCount: Int = 50,
    coverage: Double = 0.9, seed: UInt64, keys: [Int]? = nil
  ) -> [DropoutInterval] {
    checkFit(rows)
    precondition(
      drawCount > 1 && coverage > 0 && coverage < 1 && 0..<1 ~= dropout && 0..<1 ~= variationalDropout,
      "\(drawCount) draws, coverage \(coverage)")
    guard rows.rowCount > 0 else { return [] }
    let pass = NetworkPass(shape, rowCountMax: 1, stepCountMax: rows.stepCount, isTraining: false)
    pass.setParameters(parameters)
    let dropping = NetworkPass.Dropping(features: dropout > 0, sequences: variationalDropout > 0)
    return (0..<rows.rowCount).map { row in
      var draws: [Float] = (0..<drawCount).map { draw in
        pass.load(rows, selection: [row][...])
        pass.drawMasks(
          key: derivedSeed(seed, .dropout, keys?[row] ?? row, draw), features: dropout, sequences: variationalDropout)
        pass.forward(dropping: dropping)
        return heads.losses[0].prediction(pass.outputs.base[0])
      }
      draws.sort()
      let mean = draws.reduce(0, +) / Float(drawCount)
      let square = draws.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
      let tail = Double(drawCount - 1) * (1 - coverage) / 2
      return DropoutInterval(
        mean: mean, standardDeviation: (square / Float(drawCount - 1)).squareRoot(),
        low: quantile(draws, at: tail), high: quantile(draws, at: Double(drawCount - 1) - tail))
    }
  }
}

/// Linear between neighbours of ascending values.
private func quantile(_ values: [Float], at place: Double) -> Float {
  let below = Int(place)
  let share = Float(place - Double(below))
  return values[below] + share * (values[min(below + 1, values.count - 1)] - values[below])
}
