// SPDX-License-Identifier: Apache-2.0

import Randomness

/// Draws a share of 0..<count without replacement; ascending.
///
/// - Source: Knuth 1998, volume 2, section 3.4.2, algorithm S (selection sampling).
func sampledIndexes(count: Int, fraction: Double, key: UInt64) -> [UInt32] {
  guard fraction < 1, count > 0 else { return (0..<count).map { UInt32($0) } }
  var wanted = min(count, max(1, Int((fraction * Double(count)).rounded())))
  var generator = CounterGenerator(key: key)
  var chosen: [UInt32] = []
  chosen.reserveCapacity(wanted)
  for index in 0..<count where wanted > 0 {
    guard Double(count - index) * generator.uniform() < Double(wanted) else { continue }
    chosen.append(UInt32(index))
    wanted -= 1
  }
  return chosen
}
