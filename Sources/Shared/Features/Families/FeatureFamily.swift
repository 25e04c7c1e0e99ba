// SPDX-License-Identifier: Apache-2.0

package import Shards
package import Sweeps

/// Columns that belong together. They depend on the outcome alone, never on the data: synthetic and real tables give the
/// same ones, and a missing table gives NaN.
protocol FeatureFamily {
  init(sources: FeatureSources)

  static func columns(for outcome: Outcome) -> [FeatureColumn]

  /// As many values as there are columns, in their order.
  ///
  /// - Parameter index: the unit's place among those of the accumulator.
  func values(_ index: Int) -> [Float]
}

/// Which families a data set has.
package enum FeatureSet: String, CaseIterable, Hashable, Sendable {
  /// About 350 columns: one window for each test and channel.
  case standard
  /// About 1,630: Elixhauser and the HOSPITAL score too, and four windows for each test and channel.
  case full

  /// In the order of their columns.
  fileprivate var families: [any FeatureFamily.Type] {
    let standard: [any FeatureFamily.Type] = [
      DemographicFeatures.self, EncounterFeatures.self, HistoryFeatures.self, DiagnosisFeatures.self,
      TreatmentFeatures.self, LabFeatures.self, VitalFeatures.self, LaceFeatures.self,
    ]
    return self == .standard
      ? standard : standard + [ElixhauserFeatures.self, HospitalScoreFeatures.self, WindowFeatures.self]
  }
}

/// The tabular columns of an outcome's data set.
package func featureColumns(for outcome: Outcome, _ set: FeatureSet = .standard) -> [FeatureColumn] {
  set.families.flatMap { $0.columns(for: outcome) }
}

/// The channels of every sequence; its steps are the 48 hours before the index time.
package let sequenceChannels: [FeatureColumn] = VitalChannel.allCases.map { channel in
  FeatureColumn(
    name: channel.name, item: VitalFeatures.itemText(channel), unit: channel.unit,
    window: "hour", statistic: "last", items: VitalItem.items(of: channel).map(\.itemID))
}

/// One tabular row.
func tabularRow(_ index: Int, _ sources: FeatureSources) -> [Float] {
  sources.accumulator.featureSet.families.flatMap { $0.init(sources: sources).values(index) }
}

extension Outcome {
  /// Codes of the admission itself are known at discharge only.
  var isAtDischarge: Bool { readmissionDays != nil }
}

func flag(_ condition: Bool) -> Float { condition ? 1 : 0 }
