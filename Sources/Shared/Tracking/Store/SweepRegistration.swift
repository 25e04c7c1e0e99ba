// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// A sweep as it is entered into the tracker, or found there again.
package struct SweepRegistration: Sendable {
  package struct Dataset: Sendable {
    package let digest: ContentDigest
    package let name: String
    package let source: String
    package let path: String
    package let rowCount: Int
    package let patientCount: Int
    package let columnCount: Int
    /// `nil` for a real label, and where fewer than 11 rows are positive.
    package let prevalence: Double?
    /// The cohort's flow, with counts of 1 to 10 hidden.
    package let flow: [FlowStep]
    package let columns: [Column]

    package struct FlowStep: Sendable {
      package let reason: String
      /// `nil`: hidden.
      package let count: Int?

      package init(reason: String, count: Int?) { (self.reason, self.count) = (reason, count) }
    }

    /// What one column, or one channel of the sequences, holds.
    package struct Column: Sendable {
      package enum Part: String, Sendable { case tabular, sequence }

      package let part: Part
      package let name: String
      package let item: String
      package let unit: String
      package let window: String
      package let statistic: String

      package init(part: Part, name: String, item: String, unit: String, window: String, statistic: String) {
        (self.part, self.name, self.item, self.unit) = (part, name, item, unit)
        (self.window, self.statistic) = (window, statistic)
      }
    }

    package init(
      digest: ContentDigest, name: String, source: String, path: String, rowCount: Int, patientCount: Int,
      columnCount: Int, prevalence: Double?, flow: [FlowStep] = [], columns: [Column] = []
    ) {
      self.flow = flow
      self.columns = columns
      self.digest = digest
      self.name = name
      self.source = source
      self.path = path
      self.rowCount = rowCount
      self.patientCount = patientCount
      self.columnCount = columnCount
      self.prevalence = prevalence
    }
  }

  package let name: String
  package let outcome: Outcome
  package let dataset: Dataset
  package let metric: String
  package let isMaximized: Bool
  package let folds: FoldPlan
  package let sampler: String
  package let seed: UInt64
  /// The whole resolved sweep file as JSON.
  package let spec: String
  /// Of everything that changes a result: two runs of one name must agree in it.
  package let specDigest: String
  package let codeVersion: String

  package init(
    name: String, outcome: Outcome, dataset: Dataset, metric: String, isMaximized: Bool, folds: FoldPlan,
    sampler: String, seed: UInt64, spec: String, specDigest: String, codeVersion: String
  ) {
    self.name = name
    self.outcome = outcome
    self.dataset = dataset
    self.metric = metric
    self.isMaximized = isMaximized
    self.folds = folds
    self.sampler = sampler
    self.seed = seed
    self.spec = spec
    self.specDigest = specDigest
    self.codeVersion = codeVersion
  }
}

/// What the tracker knew of a sweep when it was opened.
package struct OpenedSweep: Sendable {
  package struct Trial: Sendable {
    package let record: TrialRecord
    package let end: TrialEnd?
    /// Ascending by (fold, rung).
    package let results: [Result]
  }

  package struct Result: Sendable {
    package let fold: Int
    package let rung: Int
    package let metrics: [MetricValue]
    /// Of metrics on inner rows at single steps, ascending by step; the inner loss is left out.
    package let innerCurve: [CurvePoint]
    package let trainRowCount: Int
    package let validRowCount: Int
  }

  package let id: SweepID
  package let isNew: Bool
  package let state: SweepState
  package let recovered: RecoveredSweep
  /// Ascending by number.
  package let trials: [Trial]
  /// Tasks that were given up once, ascending, whether or not a result came after all.
  package let givenUp: [TrialTask]
  /// What was done by hand, in its order.
  package let requests: [ControlRecord]
  /// Training time of all recorded folds.
  package let computeMilliseconds: Int64
}
