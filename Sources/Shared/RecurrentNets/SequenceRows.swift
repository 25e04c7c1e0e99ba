// SPDX-License-Identifier: Apache-2.0

/// Sequences that a network can be trained on, wherever they lie: `SequenceBatch` holds them in arrays; a caller with mapped
/// shards prepares each row when a mini-batch asks for it, and so never holds all of them.
package protocol SequenceRows: Sendable {
  var rowCount: Int { get }
  /// T: steps of the longest row.
  var stepCount: Int { get }
  /// I
  var inputCount: Int { get }
  /// S
  var staticCount: Int { get }
  /// C > 0 where the first 3C inputs are values (0 is the mean), observed or not, and age, of C channels; else 0.
  var channelCount: Int { get }

  /// Steps of one row, 1...T.
  func length(_ row: Int) -> Int

  /// Writes a row's steps and statics where `places` says. Called once a row and epoch; the same row, the same bits.
  func copy(_ row: Int, to places: SequencePlaces)

  /// Refuses what no network can read, naming `name` and the place.
  func check(_ name: String) throws(RecurrentNetError)
}

/// Where one row of a mini-batch goes.
package struct SequencePlaces {
  /// Step 0's inputs; step t's are `inputStride · cell(t)` floats on.
  package let inputs: UnsafeMutablePointer<Float>
  package let inputStride: Int
  /// Hours since the last observation: step t's at `cell(t)`.
  package let elapsed: UnsafeMutablePointer<Float>
  /// [S]
  package let statics: UnsafeMutablePointer<Float>
  let offsets: UnsafePointer<Int>
  let slot: Int

  /// The row's cell at a step.
  @inline(__always)
  package func cell(_ step: Int) -> Int { offsets[step] + slot }
}
