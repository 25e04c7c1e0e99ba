// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// What a sampler may learn from: every trial so far as a point of the unit cube, and its loss once it is known.
///
/// Rows are in the order of trials' numbers. Proposals are a function of the rows, of `knownCount` and of a seed.
package struct TrialHistory: Sendable {
  package let cube: UnitCube
  /// Row-major, count × D; NaN on axes that a trial does not have.
  package private(set) var points: [Double] = []
  /// Lower is better, whichever way the objective goes. +∞ where a trial failed or has no score, NaN while it runs.
  package private(set) var losses: [Double] = []
  /// All objectives of a trial as losses, the first included; empty while it runs, or with one objective.
  package private(set) var lossVectors: [[Double]] = []
  /// Rows whose losses may be looked at; later ones count as running.
  package var knownCount = 0
  /// The sampler's own trials begin here: those before were given by hand.
  package var ownStart = 0

  package init(_ cube: UnitCube) { self.cube = cube }

  /// No trial, of a space without axes: for samplers that learn nothing.
  package static let none = TrialHistory(UnitCube(SearchSpace([])))

  package var count: Int { losses.count }
  package var axisCount: Int { cube.axes.count }

  /// Adds the next trial, which runs.
  package mutating func append(_ parameters: Parameters) {
    points += cube.point(of: parameters)
    losses.append(.nan)
    lossVectors.append([])
  }

  /// The trial has ended; `loss` is +∞ where it has no score.
  package mutating func settle(_ row: Int, loss: Double, vector: [Double] = []) {
    losses[row] = loss.isNaN ? .infinity : loss
    lossVectors[row] = vector
  }

  /// NaN while the trial runs, or where its loss may not be looked at.
  package func loss(_ row: Int) -> Double { row < knownCount ? losses[row] : .nan }

  package func coordinate(_ row: Int, _ axis: Int) -> Double { points[row * cube.axes.count + axis] }
}
