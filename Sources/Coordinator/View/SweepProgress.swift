// SPDX-License-Identifier: Apache-2.0

/// What the live view shows of a running sweep; a value, so that drawing needs nothing else.
struct SweepProgress: Sendable {
  struct Worker: Sendable {
    let name: String
    /// "#7/f2 lstm", or nothing while idle.
    let task: String?
    let step: Int
    let stepCount: Int
    let silenceMilliseconds: Int64
    let isDraining: Bool
  }

  struct Best: Sendable {
    let trial: Int
    let learner: String
    let objective: Double
    let sd: Double
  }

  let sweep: String
  let metric: String
  let elapsedMilliseconds: Int64
  let foldsDone: Int
  /// Folds recorded by an earlier start of the same sweep.
  let foldsResumed: Int
  let foldsTotal: Int
  let trialsDone: Int
  let trialsFailed: Int
  let trialsTotal: Int
  let best: Best?
  let workers: [Worker]
  /// Workers that could train something now; `nil` where none can join from elsewhere.
  let usableWorkerCount: Int?
  let isStopping: Bool
}
