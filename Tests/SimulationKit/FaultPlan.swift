// SPDX-License-Identifier: Apache-2.0

/// What goes wrong in a simulated run, and how often.
package struct FaultPlan: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// Nothing: whatever runs twice is waste.
    case calm
    /// The coordinator dies and is back within 30 s; the network is sound.
    case coordinatorRestarts
    /// Messages are lost, but never two in a row on one way, and may come twice; no process dies.
    case lightLoss
    /// Workers are told to drain and come back.
    case drains
    /// Crashes of anything at any point, restarts, pauses, cuts, loss, delay of minutes, repeats, disorder.
    case storm
  }

  package let kind: Kind
  package var workerCrashCount = 0
  package var drainCount = 0
  package var pauseCount = 0
  package var coordinatorCrashCount = 0
  package var downMillisecondsMax: Int64 = 30_000
  package var cutCount = 0
  package var lossShare = 0.0
  package var repeatShare = 0.0
  package var delayShare = 0.0
  package var neverTwiceInARow = false
  /// When the last fault begins; everything is healed a little later.
  package var endMilliseconds: Int64 = 30_000

  package init(_ kind: Kind, workerCount: Int) {
    self.kind = kind
    switch kind {
    case .calm: endMilliseconds = 0
    case .coordinatorRestarts: coordinatorCrashCount = 3
    case .lightLoss:
      lossShare = 0.25
      repeatShare = 0.2
      neverTwiceInARow = true
      endMilliseconds = 40_000
    case .drains: drainCount = workerCount
    case .storm:
      workerCrashCount = workerCount
      drainCount = 1
      pauseCount = 2
      coordinatorCrashCount = 2
      cutCount = workerCount
      lossShare = 0.1
      repeatShare = 0.1
      delayShare = 0.03
    }
  }
}
