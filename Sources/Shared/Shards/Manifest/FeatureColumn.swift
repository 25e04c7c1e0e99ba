// SPDX-License-Identifier: Apache-2.0

import Foundation

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
  /// ITEMIDs of D_ITEMS and D_LABITEMS that feed the column; empty where it comes from other columns of the tables.
  package let items: [Int]
  /// What an explanation calls the column: "potassium, mean, last 24 h (mmol/L)".
  package let label: String

  /// - Parameter label: nil makes one of the others.
  package init(
    name: String, item: String, unit: String, window: String, statistic: String, items: [Int] = [],
    label: String? = nil
  ) {
    self.items = items
    self.label = label ?? Self.label(name: name, item: item, unit: unit, window: window, statistic: statistic)
    self.name = name
    self.item = item
    self.unit = unit
    self.window = window
    self.statistic = statistic
  }
}

extension FeatureColumn {
  /// Data sets written before columns had labels and item numbers have neither key.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try values.decode(String.self, forKey: .name), item: try values.decode(String.self, forKey: .item),
      unit: try values.decode(String.self, forKey: .unit), window: try values.decode(String.self, forKey: .window),
      statistic: try values.decode(String.self, forKey: .statistic),
      items: try values.decodeIfPresent([Int].self, forKey: .items) ?? [],
      label: try values.decodeIfPresent(String.self, forKey: .label))
  }

  private static func label(name: String, item: String, unit: String, window: String, statistic: String) -> String {
    // "potassium (LABEVENTS 50971)" says what was measured, "ADMISSIONS.ETHNICITY" does not.
    let measured = item.range(of: " (").map { String(item[..<$0.lowerBound]) }
    let isTable = item.prefix(4).allSatisfy(\.isUppercase)
    let subject = (isTable ? name : measured ?? name).replacing("_", with: " ")
    let what = ["value", "is present", "score"].contains(statistic) ? "" : ", \(statistic)"
    let isPlain = ["1", "0 or 1"].contains(unit)
    return "\(subject)\(what), \(window)\(isPlain ? "" : " (\(unit))")"
  }
}

/// One line of the cohort's flow: how many were left out for one reason, or how many remained.
package struct FlowStep: Codable, Hashable, Sendable {
  package let reason: String
  /// nil where it would describe 1 to 10, or where such a count would follow from it.
  package let count: Int?

  package init(reason: String, count: Int?) {
    self.reason = reason
    self.count = count
  }
}
