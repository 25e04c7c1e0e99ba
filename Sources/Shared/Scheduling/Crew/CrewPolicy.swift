// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// How many workers a scheduler is asked for, between two bounds, as the work grows and ends.
///
/// Pure: time and the situation come from outside, what it decides is for a launcher to carry out. Rules:
/// 1. No more than could train something, and no more than have at least `worthMilliseconds` of training left each: a job
///    that waits in a queue and loads a data set for a fold of a second is a loss to everybody.
/// 2. What has been asked for counts as being there, joined or not: a full cluster is not asked twice.
/// 3. Launch at once; let go only when there have been too many for `patienceMilliseconds`, for the next trials may just be
///    waiting for a result.
/// 4. A launch that failed is tried again after 10, 20, 40 … 300 s.
package struct CrewPolicy: Hashable, Sendable {
  /// What is there and what is to do.
  package struct Situation: Hashable, Sendable {
    /// Workers that could train something now, those that do included.
    package let usableCount: Int
    /// Folds that are still to be trained, as far as is known.
    package let foldsLeft: Int
    /// What a fold takes, on average so far; `nil` before the first.
    package let foldMilliseconds: Int64?
    /// Workers that are joined or asked for, without those that are leaving.
    package let crewCount: Int

    package init(usableCount: Int, foldsLeft: Int, foldMilliseconds: Int64?, crewCount: Int) {
      self.usableCount = usableCount
      self.foldsLeft = foldsLeft
      self.foldMilliseconds = foldMilliseconds
      self.crewCount = crewCount
    }
  }

  package enum Decision: Hashable, Sendable {
    case stay
    case launch(Int)
    case release(Int)
  }

  package let countMin: Int
  package let countMax: Int
  package var worthMilliseconds: Int64 = 60_000
  package var patienceMilliseconds: Int64 = 60_000
  private var surplusSince: Tick?
  package private(set) var failureCount = 0
  private var launchAfter: Tick?

  package init(_ range: ClosedRange<Int>) {
    precondition(range.lowerBound >= 0, "a crew has no fewer than 0 workers, got \(range)")
    (countMin, countMax) = (range.lowerBound, range.upperBound)
  }

  /// How many would be right, whatever is there.
  package func wantedCount(_ situation: Situation) -> Int {
    guard situation.usableCount > 0 else { return 0 }
    var wanted = situation.usableCount
    if let fold = situation.foldMilliseconds {
      let workMilliseconds = Double(max(fold, 0)) * Double(max(situation.foldsLeft, situation.usableCount))
      let worthwhile = (workMilliseconds / Double(max(worthMilliseconds, 1))).rounded(.up)
      wanted = min(wanted, max(1, worthwhile < 1e9 ? Int(worthwhile) : wanted))
    }
    return min(max(wanted, countMin), countMax)
  }

  package mutating func decide(_ situation: Situation, at now: Tick) -> Decision {
    let missing = wantedCount(situation) - situation.crewCount
    if missing >= 0 { surplusSince = nil }
    if missing > 0 {
      if let launchAfter, now < launchAfter { return .stay }
      return .launch(missing)
    }
    guard missing < 0 else { return .stay }
    let since = surplusSince ?? now
    surplusSince = since
    guard now.milliseconds - since.milliseconds >= patienceMilliseconds else { return .stay }
    return .release(-missing)
  }

  package mutating func launchSucceeded() {
    failureCount = 0
    launchAfter = nil
  }

  package mutating func launchFailed(at now: Tick) {
    failureCount += 1
    launchAfter = now + min(10_000 << Int64(min(failureCount - 1, 5)), 300_000)
  }
}
