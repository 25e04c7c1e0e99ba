// SPDX-License-Identifier: Apache-2.0

import Scheduling
import Sweeps

/// A spot where worker processes live, one after another: the slot of a job array, with its local disk.
struct SimulatedWorker {
  let host: String
  var machine: WorkerMachine?
  var incarnation = Incarnation(high: 0, low: 0)
  /// Counts processes: events for one that is gone are dropped.
  var generation = 0
  var pausedUntil: Int64 = 0
  var slowness: Int64 = 1
  /// On the spot's disk: outlives the process.
  var breadcrumbs: [TaskAttempt] = []
  /// On the spot's disk too: a data set that was fetched.
  var holdsData = false
  /// The process that fetches it.
  var fetchingIn = 0
  var training: Assignment?
  /// Attempts of this process whose result it holds or held.
  var resultAttempts: Set<Attempt> = []
  var resultsSent: Set<Attempt> = []
  var isGone = false
  var toCoordinator = OneWay()
  var toWorker = OneWay()

  /// One direction of the link.
  struct OneWay {
    var cutUntil: Int64 = 0
    var lastLost = false
    var lastArrival: Int64 = 0

    mutating func cut(until time: Int64) { cutUntil = max(cutUntil, time) }
  }
}
