// SPDX-License-Identifier: Apache-2.0

import Scheduling
import Search
import Sockets
import Sweeps

/// What was last said of the crew on a pipe.
struct CrewTold {
  var usableCount = 0
  var at: Int64 = 0
}

/// How many workers there are, and how many could be used.
extension SweepSession {
  static let crewMilliseconds: Int64 = 2_000

  /// Folds that are still to be trained, as far as is known.
  var foldsLeft: Int {
    let expected = book.trialCountExpected * book.settings.folds.taskCount
    return max(machine.counts.open, expected - book.foldsSaved - book.foldsDone)
  }

  /// Workers that could train something now, those that do included: one a fold that is open, or that could be opened at
  /// once. A sampler that waits for results opens no more before they come.
  var usableWorkerCount: Int {
    if isStopping || book.isComplete { return 0 }
    return isSamplerWaiting || book.isExhausted ? machine.counts.open : foldsLeft
  }

  private var foldMilliseconds: Int64? {
    book.foldsDone > 0 && computeMilliseconds > 0 ? computeMilliseconds / Int64(book.foldsDone) : nil
  }

  func tellCrew() {
    guard post != nil || foreman != nil else { return }
    let at = monotonicMilliseconds()
    guard at >= nextCrewAt else { return }
    nextCrewAt = at + Self.crewMilliseconds
    let (usable, snapshots) = (usableWorkerCount, machine.workerSnapshots)
    let present = snapshots.filter { !$0.isDraining }
    post?.update(workerCount: snapshots.count, usableCount: usable)
    if !isStopping {
      foreman?.tell(
        Foreman.Report(
          usableCount: usable, foldsLeft: foldsLeft, foldMilliseconds: foldMilliseconds,
          joined: Set(present.map(\.identity.name)),
          busy: Set(present.filter { !$0.held.isEmpty }.map(\.identity.name))))
    }
    tellUsable(usable, present.count, at)
  }

  /// On a pipe: at first, and when it has doubled or halved, at most once a minute.
  private func tellUsable(_ usable: Int, _ present: Int, _ at: Int64) {
    let isNews = usable >= 2 * crewTold.usableCount || 2 * usable <= crewTold.usableCount
    guard usable > 0, isNews, crewTold.at == 0 || at - crewTold.at >= 60_000 else { return }
    crewTold = CrewTold(usableCount: usable, at: at)
    view.event("\(present) workers are here, \(usable) could be used")
  }
}
