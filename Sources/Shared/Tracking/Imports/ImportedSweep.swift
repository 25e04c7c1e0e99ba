// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// A sweep as another tool's file tells of it.
struct ImportedSweep {
  struct Dataset {
    var name = "unknown"
    /// 64 hexadecimal digits; `nil` where the tool does not say, or says less.
    var digest: String?
    var rowCount = 0
    var patientCount = 0
  }

  struct Fold {
    var fold = 0
    var metrics: [(name: String, value: Double?)] = []
    var curve: [(metric: String, step: Int, value: Double?)] = []
    var startedMilliseconds: Int64?
    var endedMilliseconds: Int64?
  }

  struct Trial {
    var number: Int
    var learner = "other"
    var parameters = Parameters()
    /// completed, pruned or failed.
    var state: String
    var objective: Double?
    var interval: (low: Double, high: Double)?
    var reason: String?
    var createdMilliseconds: Int64
    var endedMilliseconds: Int64?
    var folds: [Fold] = []
    var tags: [(name: String, value: String)] = []
    var note: String?
  }

  var name: String
  var metric: String
  var isMaximized: Bool
  var outcome = "unknown"
  var foldScheme = "unknown"
  var foldCount = 1
  var repeatCount = 1
  var foldSeed = "0"
  var sampler = "imported"
  var version = "unknown"
  var createdMilliseconds: Int64
  var dataset = Dataset()
  var trials: [Trial] = []
}

/// What came in, for people.
package struct ImportReport: Hashable, Sendable {
  package let sweep: String
  package let trials: Int
  package let folds: Int
  /// What was left behind, a line a kind.
  package let remarks: [String]
}

/// Which of a file's sweeps, and what it does not say itself.
package struct ImportChoice: Sendable {
  /// Study, experiment or sweep of that name; `nil`: the only one.
  package var there: String?
  /// Its name here; `nil`: the same.
  package var name: String?
  /// For MLflow, which knows no objective.
  package var metric: String?
  package var isMaximized: Bool?

  package init(there: String? = nil, name: String? = nil, metric: String? = nil, isMaximized: Bool? = nil) {
    (self.there, self.name, self.metric, self.isMaximized) = (there, name, metric, isMaximized)
  }
}
