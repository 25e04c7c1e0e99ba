// SPDX-License-Identifier: Apache-2.0

import Cohorts
package import Sweeps

/// What to prepare. Every setting has a name on the command line.
package struct PreparationSettings: Sendable {
  package var outcomes: [Outcome]
  /// "mimic3", "mimic3-demo" or "synthetic"; nil finds out.
  package var source: String?
  /// What the manifest says made it.
  package var createdBy: String
  package var rowsPerShard: Int
  package var threadCount: Int

  package init(
    outcomes: [Outcome], source: String? = nil, createdBy: String, rowsPerShard: Int = 4096,
    threadCount: Int? = nil
  ) {
    self.outcomes = outcomes
    self.source = source
    self.createdBy = createdBy
    self.rowsPerShard = rowsPerShard
    self.threadCount = threadCount ?? ProcessorCount.available
  }
}
