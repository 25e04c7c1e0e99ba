// SPDX-License-Identifier: Apache-2.0

import Scheduling

/// How a worker spends the 20 s between SIGTERM and its end: Kubernetes and Slurm kill after 30 s, unless told otherwise.
enum DrainBudget {
  /// For the running fold to end by itself, unless `--drain-seconds` says so. A learner looks up at each tree or epoch, which
  /// takes time too.
  static let trainingSeconds = 8
  /// For the artifacts of a fold that was trained just then.
  static let artifactsMilliseconds: Int64 = 5_000
  /// For reports to be acknowledged, from the end of training on.
  static let deliveryMilliseconds: Int64 = 8_000

  static var workerSettings: WorkerSettings {
    var settings = WorkerSettings()
    settings.deliveryMilliseconds = deliveryMilliseconds
    return settings
  }
}
