// SPDX-License-Identifier: Apache-2.0

package import Cohorts
package import Shards

/// Why no data sets could be prepared.
package struct PreparationError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Cause: Hashable, Sendable {
    /// A table is missing or wrong.
    case input(CohortError)
    /// A data set cannot be written.
    case output(ShardError)
    /// No unit of this outcome remains.
    case cohortEmpty(outcome: String, flow: String)
    case nothingAsked
    /// The files between the pass over the tables and the rows.
    case scratch(path: String, problem: String)
    case settingInvalid(name: String, expected: String, found: String)
  }

  package let cause: Cause

  package var description: String {
    switch cause {
    case .input(let error): error.description
    case .output(let error): error.description
    case .cohortEmpty(let outcome, let flow):
      "\(outcome): expected at least one row, found none (\(flow)); give tables with such patients"
    case .scratch(let path, let problem):
      "\(path): scratch files: expected to write and read them, found \(problem); free the disk or wait, then run again"
    case .nothingAsked: "no outcome was asked for: expected at least one, found none; name one"
    case .settingInvalid(let name, let expected, let found): "\(name): expected \(expected), found \(found)"
    }
  }
}
