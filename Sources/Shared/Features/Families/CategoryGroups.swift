// SPDX-License-Identifier: Apache-2.0

import Shards

/// A text column as one column of 0 and 1 for each group of its values; all 0 where no group fits.
struct CategoryGroups: Sendable {
  struct Group: Sendable {
    let name: String
    /// Beginnings of the values, upper case. An empty one fits all, NULL too.
    let prefixes: [String]

    init(_ name: String, _ prefixes: [String]) {
      self.name = name
      self.prefixes = prefixes
    }
  }

  let name: String
  let item: String
  let window: String
  /// The first that fits counts.
  let groups: [Group]

  var columns: [FeatureColumn] {
    groups.map { group in
      FeatureColumn(name: "\(name)_\(group.name)", item: item, unit: "0 or 1", window: window, statistic: "is present")
    }
  }

  func values(_ text: String?) -> [Float] {
    let place = groups.firstIndex { group in
      group.prefixes.contains { $0.isEmpty || text?.hasPrefix($0) == true }
    }
    return groups.indices.map { flag($0 == place) }
  }
}
