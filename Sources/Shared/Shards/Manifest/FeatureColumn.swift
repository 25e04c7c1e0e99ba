// SPDX-License-Identifier: Apache-2.0

/// Where the numbers of one column (or of one channel of a sequence) come from, so that an explanation can say it:
/// "potassium, mmol/L, mean, last 24 h".
package struct FeatureColumn: Codable, Hashable, Sendable {
  /// Unique within its data set.
  package let name: String
  /// What was measured or recorded, and under which item numbers or code system.
  package let item: String
  /// Of the values as stored. "1" for a pure number.
  package let unit: String
  /// "at admission", "before index time", "whole stay", "last 6 h".
  package let window: String
  /// How the window's records became one number: "mean", "last", "count", "is present".
  package let statistic: String

  package init(name: String, item: String, unit: String, window: String, statistic: String) {
    self.name = name
    self.item = item
    self.unit = unit
    self.window = window
    self.statistic = statistic
  }
}

/// One line of the cohort's flow: how many were left out for one reason, or how many remained.
package struct FlowStep: Codable, Hashable, Sendable {
  package let reason: String
  package let count: Int

  package init(reason: String, count: Int) {
    self.reason = reason
    self.count = count
  }
}
