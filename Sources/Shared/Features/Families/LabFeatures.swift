// SPDX-License-Identifier: Apache-2.0

import Shards
import Sweeps

/// The 30 laboratory tests over the admission up to the index time.
struct LabFeatures: FeatureFamily {
  let sources: FeatureSources

  static func itemText(_ test: LabTest) -> String {
    let name = test.name.replacing("_", with: " ")
    return "\(name) (LABEVENTS \(test.items.map(String.init).joined(separator: ", ")))"
  }

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    let window = "admission to index time"
    let tests = LabTest.all.flatMap { test -> [FeatureColumn] in
      let items = itemText(test)
      let values = ["last", "min", "max", "mean"].map { statistic in
        FeatureColumn(
          name: "lab_\(test.name)_\(statistic)", item: items, unit: test.unit, window: window, statistic: statistic,
          items: test.items)
      }
      let share = FeatureColumn(
        name: "lab_\(test.name)_abnormal", item: items, unit: "1", window: window, statistic: "share flagged abnormal",
        items: test.items)
      return values + [share]
    }
    let count = FeatureColumn(
      name: "lab_count", item: "results of the \(LabTest.all.count) tests", unit: "1", window: window,
      statistic: "count")
    return tests + [count]
  }

  func values(_ index: Int) -> [Float] {
    let count = LabTest.all.count
    let labs = sources.accumulator.labs[(index * count)..<((index + 1) * count)]
    var values: [Float] = []
    values.reserveCapacity(count * 5 + 1)
    for lab in labs { values += [lab.last, lab.min, lab.max, lab.average, lab.abnormalShare] }
    values.append(Float(labs.reduce(0) { $0 + Int($1.count) }))
    return values
  }
}
