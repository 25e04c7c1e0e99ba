// SPDX-License-Identifier: Apache-2.0

import Shards

/// Rows by sex, age, ethnicity or insurance, as far as the data set's columns tell them.
struct PatientGroups {
  struct Member {
    let name: String
    let rows: [Int]
  }

  let name: String
  let members: [Member]

  static func all(_ dataset: Dataset) -> [PatientGroups] {
    let names = dataset.manifest.columns.map(\.name)
    func column(_ name: String) -> Int? { names.firstIndex(of: name) }
    var groups: [PatientGroups] = []
    if let sex = column("sex_male") {
      groups.append(
        by("sex", dataset, ["male", "female", "unknown"]) { row in
          row[sex].isNaN ? 2 : row[sex] == 1 ? 0 : 1
        })
    }
    if let age = column("age") {
      groups.append(
        by("age", dataset, ["under 45", "45 to 64", "65 to 79", "80 and over"]) { row in
          row[age] < 45 ? 0 : row[age] < 65 ? 1 : row[age] < 80 ? 2 : 3
        })
    }
    for prefix in ["ethnicity", "insurance"] {
      let columns = names.indices.filter { names[$0].hasPrefix(prefix + "_") }
      guard !columns.isEmpty else { continue }
      let words = columns.map { String(names[$0].dropFirst(prefix.count + 1)).replacing("_", with: " ") }
      groups.append(
        by(prefix, dataset, words + ["none of these"]) { row in
          columns.firstIndex { row[$0] == 1 } ?? columns.count
        })
    }
    return groups
  }

  private static func by(
    _ name: String, _ dataset: Dataset, _ names: [String], _ place: (UnsafeBufferPointer<Float>) -> Int
  ) -> PatientGroups {
    var rows = [[Int]](repeating: [], count: names.count)
    for row in 0..<dataset.rowCount { rows[place(dataset.tabularRow(row))].append(row) }
    return PatientGroups(name: name, members: zip(names, rows).map { Member(name: $0, rows: $1) })
  }
}
