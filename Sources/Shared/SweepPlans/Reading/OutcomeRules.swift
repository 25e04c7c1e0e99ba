// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps

/// Values of hyperparameters that need labels 0 and 1. A worker would refuse them too, fold by fold.
enum OutcomeRules {
  private static let binaryOnly: [String: [String]] = [
    "imbalance": ["class-weights", "undersample", "oversample", "smote"],
    "stop_on": ["auroc", "auprc", "brier"],
    "stop_metric": ["auroc", "auprc"],
  ]

  static func check(
    _ distribution: Distribution, of name: String, _ node: YAMLNode, path: String, _ outcome: Outcome
  ) throws(SweepPlanError) {
    guard outcome.objective != .binary, let refused = binaryOnly[name],
      let found = refused.first(where: { distribution.contains(.text($0)) })
    else { return }
    throw node.error(
      .badValue, "\(path): `\(found)` is for labels 0 and 1, those of \(outcome.rawValue) are real numbers",
      note: "leave out \(listed(refused))")
  }
}
