// SPDX-License-Identifier: Apache-2.0

/// Why an attempt gave no result.
package struct FailureReport: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Hashable, Sendable {
    /// The task itself is wrong (a parameter, a fold with one class): another worker would fail too.
    case invalidTask = "invalid-task"
    /// The data set is not here, or its bytes are not the manifest's.
    case dataset
    /// Memory or disk ran out.
    case resources
    /// The loss stopped being finite.
    case diverged
    /// The worker before this one ended without a word while it ran the task: its breadcrumb was found.
    case crashed
    case other
  }

  package let kind: Kind
  /// For people: names files, keys and numbers of rows, never a value of a row.
  package let message: String

  package init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }

  /// Whether the same task could succeed on another try.
  package var isWorthRetrying: Bool { kind != .invalidTask && kind != .diverged }
}

/// The ways a lease ends without its result being the recorded one. Three exits, three counters: `failed` uses the retry
/// budget, `crashed` counts towards quarantine, `lost` and `drained` cost the task nothing.
package enum LeaseEnd: String, CaseIterable, Hashable, Sendable {
  case completed
  case failed
  case crashed
  case lost
  case drained
  case cancelled
  case superseded
}
