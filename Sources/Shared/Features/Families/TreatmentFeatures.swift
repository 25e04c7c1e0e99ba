// SPDX-License-Identifier: Apache-2.0

import Shards
import Sweeps

/// Drugs ordered in this admission, and urine.
struct TreatmentFeatures: FeatureFamily {
  let sources: FeatureSources

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    var columns = DrugClass.allCases.map { drugClass in
      FeatureColumn(
        name: "drug_\(drugClass.name)", item: "PRESCRIPTIONS.DRUG", unit: "0 or 1", window: "admission to index time",
        statistic: "is present")
    }
    columns.append(
      FeatureColumn(
        name: "drug_orders", item: "PRESCRIPTIONS but DRUG_TYPE BASE", unit: "1", window: "admission to index time",
        statistic: "count"))
    let items = (UrineItem.all + [UrineItem.irrigantIn]).map(String.init).joined(separator: ", ")
    columns.append(
      FeatureColumn(
        name: "urine_24h", item: "urine (OUTPUTEVENTS \(items))", unit: "ml", window: "last 24 h before index time",
        statistic: "sum"))
    return columns
  }

  func values(_ index: Int) -> [Float] {
    let width = DrugClass.allCases.count + 1
    let counts = sources.accumulator.prescriptions[(index * width)..<((index + 1) * width)]
    var values = counts.map { sources.hasPrescriptions ? Float($0) : .nan }
    for place in DrugClass.allCases.indices where values[place] > 1 { values[place] = 1 }
    values.append(sources.hasOutputs ? sources.accumulator.urine[index] : .nan)
    return values
  }
}
