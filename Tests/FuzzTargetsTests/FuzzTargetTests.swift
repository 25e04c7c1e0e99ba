// SPDX-License-Identifier: Apache-2.0

import FuzzTargets
import Randomness
import Testing

/// The fuzzers' doors on a short walk, so that they cannot rot: `make fuzz` goes on from here with coverage to guide it.
@Suite struct FuzzTargetTests {
  /// Goal: no order of well-formed events breaks an invariant of either machine; a broken one ends the process. Method: 20,000
  /// random stories of up to 400 choices.
  @Test func randomStories_breakNoInvariant() {
    #if DEBUG
      let count = 500
    #else
      let count = 20_000
    #endif
    var random = CounterGenerator(key: 12)
    for _ in 0..<count {
      let length = random.below(400)
      fuzzSessions((0..<length).map { _ in UInt8(random.below(256)) })
    }
  }

  @Test func randomFrames_areRefused_orComeBackEqual() {
    var random = CounterGenerator(key: 13)
    for _ in 0..<20_000 {
      let length = random.below(64)
      #expect(fuzzFrame((0..<length).map { _ in UInt8(random.below(256)) }) == nil)
    }
  }
}
