// SPDX-License-Identifier: Apache-2.0

/// What a stream of random numbers is for. Two purposes never share a stream, so adding a draw to one cannot move another.
///
/// The raw values are part of the contract: a recorded sweep replays only while they stay.
package enum RandomPurpose: UInt64, Sendable {
  case sampling = 1
  case foldAssignment = 2
  case innerSplit = 3
  case rowSampling = 4
  case columnSampling = 5
  case weightInitialization = 6
  case batchOrder = 7
  case dropout = 8
  case synthesis = 9
  case resampling = 10
  case rounding = 11
}

/// A seed for (seed, purpose, indices…): which worker asks, and when, plays no part.
package func derivedSeed(_ seed: UInt64, _ purpose: RandomPurpose, _ indices: Int...) -> UInt64 {
  var state = CounterGenerator.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
  state = CounterGenerator.mix(state ^ purpose.rawValue &* 0xD6E8_FEB8_6659_FD93)
  for index in indices {
    // Addition before the mix keeps (1, 0) apart from (0, 1); the position is in the number of mixes gone through.
    state = CounterGenerator.mix(state &+ 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: Int64(index)))
  }
  return state
}
