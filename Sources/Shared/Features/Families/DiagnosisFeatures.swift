// SPDX-License-Identifier: Apache-2.0

import Cohorts
import Shards
import Sweeps

/// Codes of DIAGNOSES_ICD and PROCEDURES_ICD. They carry no time and are assigned after discharge, so this admission's
/// own count where the index time is the discharge, and only those of earlier admissions elsewhere.
struct DiagnosisFeatures: FeatureFamily {
  let sources: FeatureSources

  static func columns(for outcome: Outcome) -> [FeatureColumn] {
    let window = outcome.isAtDischarge ? "this admission" : "earlier admissions"
    func column(_ name: String, _ item: String, _ unit: String, _ statistic: String) -> FeatureColumn {
      FeatureColumn(name: name, item: item, unit: unit, window: window, statistic: statistic)
    }
    var columns = [
      column("charlson_index", "DIAGNOSES_ICD, Quan 2005", "points", "weighted sum"),
      column("diagnosis_count", "DIAGNOSES_ICD", "1", "count"),
    ]
    columns += CharlsonCondition.allCases.map {
      column("charlson_\($0.name)", "DIAGNOSES_ICD, Quan 2005", "0 or 1", "is present")
    }
    columns += CodeChapter.names.map { column("chapter_\($0)", "DIAGNOSES_ICD, ICD-9-CM chapter", "1", "count") }
    columns.append(column("procedure_count", "PROCEDURES_ICD", "1", "count"))
    return columns
  }

  func values(_ index: Int) -> [Float] {
    let unit = sources.unit(index)
    // Where nothing was known, nothing is known: a first admission is no proof of health.
    var values = [Float](repeating: .nan, count: 2 + CharlsonCondition.allCases.count + CodeChapter.names.count)
    if let diagnoses = sources.diagnoses(of: unit), !diagnoses.isEmpty {
      var sum = AdmissionTables.Diagnoses()
      for codes in diagnoses { sum.add(codes) }
      values = [Float(sum.conditions.score), Float(sum.codeCount)]
      values += CharlsonCondition.allCases.map { flag(sum.conditions.contains($0)) }
      values += sum.chapterCounts.map { Float($0) }
    }
    let procedures = sources.procedureCounts(of: unit) ?? []
    values.append(procedures.isEmpty ? .nan : Float(procedures.reduce(0, +)))
    return values
  }
}
