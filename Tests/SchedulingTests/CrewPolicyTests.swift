// SPDX-License-Identifier: Apache-2.0

import Scheduling
import Sweeps
import Testing

@Suite struct CrewPolicyTests {
  private func situation(_ usable: Int, crew: Int, left: Int? = nil, fold: Int64? = 60_000) -> CrewPolicy.Situation {
    CrewPolicy.Situation(usableCount: usable, foldsLeft: left ?? usable, foldMilliseconds: fold, crewCount: crew)
  }

  private func at(_ seconds: Int64) -> Tick { Tick(milliseconds: seconds * 1_000) }

  @Test(
    arguments: [
      // usable, folds left, ms a fold, wanted
      (0, 0, 60_000, 0), (1, 1, 60_000, 2), (10, 10, 60_000, 10), (400, 400, 60_000, 50),
      // 100 folds of a second are a minute and a half of work: worth two workers, not fifty.
      (100, 100, 1_000, 2), (100, 1_000, 1_000, 17),
      // Folds of an hour: each is worth a worker.
      (10, 40, 3_600_000, 10), (10, 10, 0, 2),
    ] as [(Int, Int, Int64, Int)])
  func wanted_isBoundedByWorkAndRange(usable: Int, left: Int, fold: Int64, wanted: Int) {
    #expect(CrewPolicy(2...50).wantedCount(situation(usable, crew: 0, left: left, fold: fold)) == wanted)
  }

  @Test func beforeTheFirstFold_asManyAsCouldBeUsed() {
    #expect(CrewPolicy(0...50).wantedCount(situation(30, crew: 0, fold: nil)) == 30)
  }

  /// In real life: the cluster is full. What waits in its queue is not asked for again.
  @Test func whatWasAskedFor_isNotAskedForAgain() {
    var policy = CrewPolicy(0...50)
    #expect(policy.decide(situation(20, crew: 5), at: at(0)) == .launch(15))
    #expect(policy.decide(situation(20, crew: 20), at: at(2)) == .stay)
  }

  /// In real life: a sampler waits for the last fold of a round, and for a moment two workers would do.
  @Test func surplus_isLetGoOnlyWhenItLasts() {
    var policy = CrewPolicy(1...50)
    #expect(policy.decide(situation(2, crew: 10), at: at(0)) == .stay)
    #expect(policy.decide(situation(2, crew: 10), at: at(59)) == .stay)
    #expect(policy.decide(situation(10, crew: 10), at: at(59)) == .stay)
    #expect(policy.decide(situation(2, crew: 10), at: at(61)) == .stay)
    #expect(policy.decide(situation(2, crew: 10), at: at(120)) == .stay)
    #expect(policy.decide(situation(2, crew: 10), at: at(121)) == .release(8))
    // Asked again on what the scheduler says now, it says the same.
    #expect(policy.decide(situation(2, crew: 9), at: at(121)) == .release(7))
    #expect(policy.decide(situation(2, crew: 2), at: at(122)) == .stay)
  }

  @Test func failedLaunch_isTriedAgainLaterAndLater() {
    var policy = CrewPolicy(0...50)
    var time: Int64 = 0
    for wait in [10, 20, 40, 80, 160, 300, 300] as [Int64] {
      #expect(policy.decide(situation(5, crew: 0), at: at(time)) == .launch(5))
      policy.launchFailed(at: at(time))
      #expect(policy.decide(situation(5, crew: 0), at: at(time + wait - 1)) == .stay)
      time += wait
    }
    policy.launchSucceeded()
    #expect(policy.decide(situation(5, crew: 0), at: at(time - 5)) == .launch(5))
  }
}
