// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// A trial as a reader of the tracker sees it.
package struct TrialSummary: Sendable {
  package struct Score: Sendable {
    package let metric: String
    package let mean: Double?
    package let sd: Double?
    /// Folds with a value.
    package let foldCount: Int
  }

  package let number: Int
  package let learner: String
  package let state: String
  package let parameters: Parameters
  package let parametersJSON: String
  package let objective: Double?
  package let objectiveSD: Double?
  package let intervalLow: Double?
  package let intervalHigh: Double?
  package let foldsDone: Int
  package let reason: String?
  /// Training time on all workers, of recorded folds.
  package let trainingMilliseconds: Int64
  /// Ascending by metric.
  package let scores: [Score]

  package func score(_ metric: String) -> Score? { scores.first { $0.metric == metric } }
}

/// A sweep as a reader of the tracker sees it.
package struct SweepSummary: Sendable {
  package let id: Int64
  package let name: String
  package let outcome: String
  package let state: String
  package let metric: String
  package let isMaximized: Bool
  package let dataset: String
  package let rowCount: Int
  package let patientCount: Int
  package let foldCount: Int
  package let trialCount: Int
  package let completedCount: Int
  package let failedCount: Int
  package let foldsRecorded: Int
  package let best: Double?
  package let createdAt: String
}
