// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// Confirmed crashes: a worker process found the breadcrumb of the one before it on the same spot.
extension CoordinatorMachine {
  /// Counts a crash once. It counts while the attempt's lease is open, or after it has lapsed as lost; a crash of an
  /// attempt that ended otherwise, or that was counted before, is no news.
  mutating func confirmCrash(_ taskAttempt: TaskAttempt, reportedBy slot: Int) {
    guard let index = table.index(of: taskAttempt.task) else { return }
    let reporter = workers[slot].identity
    let attempt = taskAttempt.attempt
    guard !hasCrashed(attempt, at: index) else { return }
    switch table.entries[index].state {
    case .leased(attempt, let holder) where Int(holder) != slot:
      let holderHost = workers[Int(holder)].identity.host
      guard holderHost == reporter.host else {
        return report(.implausible(reporter.incarnation, reason: "reports a crash of \(taskAttempt) on \(holderHost)"))
      }
      countCrash(taskAttempt, at: index, host: reporter.host)
      moveOnAfterCrash(index)
      // The process is gone, and with it all that it held ready.
      removeWorker(Int(holder), as: .lost, reason: "crashed: its successor found its breadcrumb")
    case .reserved(attempt):
      countCrash(taskAttempt, at: index, host: reporter.host)
      moveOnAfterCrash(index)
    case .queued, .waiting, .leased, .reserved:
      guard let position = lapsed[index]?.firstIndex(of: attempt) else { return }
      lapsed[index]?.remove(at: position)
      countCrash(taskAttempt, at: index, host: reporter.host)
      switch table.entries[index].state {
      case .queued, .waiting: moveOnAfterCrash(index)
      // It runs elsewhere by now: let it; `requeue` looks at the count should that end without a result.
      default: break
      }
    case .done, .quarantined, .cancelled: break
    }
  }

  private mutating func countCrash(_ taskAttempt: TaskAttempt, at index: Int, host: String) {
    endLease(taskAttempt, as: .crashed, reason: "its worker process on \(host) ended without a word")
    _ = table.countCrash(at: index)
    crashed[index, default: []].append(taskAttempt.attempt)
    if !suspicions[index, default: Suspicion()].crashHosts.contains(host) {
      suspicions[index, default: Suspicion()].crashHosts.append(host)
    }
  }

  /// Whether the attempt's process is known to be dead.
  func hasCrashed(_ attempt: Attempt, at index: Int) -> Bool { crashed[index]?.contains(attempt) ?? false }

  private mutating func moveOnAfterCrash(_ index: Int) {
    if isCrashBudgetSpent(index) { quarantine(index, reason: crashReason(index)) } else { delay(index) }
  }

  /// Enough crashes, on two hosts if there are two: a sick host must not condemn a sound task. Twice the budget is enough
  /// in any case, for the hosts of crashes before a restart are not known.
  func isCrashBudgetSpent(_ index: Int) -> Bool {
    let crashCount = Int(table.entries[index].crashCount)
    guard crashCount >= settings.crashCountMax else { return false }
    if crashCount >= 2 * settings.crashCountMax { return true }
    guard let suspicion = suspicions[index], suspicion.crashHosts.count < 2 else { return true }
    let onlyCrashes = Suspicion(crashHosts: suspicion.crashHosts)
    return !onlyCrashes.hasOther(among: workers.entries, dataset: table.dataset(at: index))
  }

  func crashReason(_ index: Int) -> String {
    "\(table.entries[index].crashCount) worker processes ended without a word while they ran it"
  }
}
