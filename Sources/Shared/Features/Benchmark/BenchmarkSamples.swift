// SPDX-License-Identifier: Apache-2.0

/// The benchmark's four tasks on an episode, by its rules. An episode that a task leaves out gives nil or nothing.
extension BenchmarkEpisode {
  private static let leastHours = 4.0
  private static let mortalityHours = 48.0
  private static let decompensationHours = 24.0

  struct Sample: Hashable, Sendable {
    /// What is known ends here.
    let hours: Double
    let label: Double
  }

  /// Length of stay in hours, where the stay takes part in any task and has a row in it.
  private var observedHours: Double? {
    guard stay.hasDiagnosis, let hours = stay.losHours, !rows(within: hours).rows.isEmpty else { return nil }
    return hours
  }

  /// In-hospital mortality, known 48 h after the time in.
  var mortalitySample: Sample? {
    guard stay.hasDiagnosis, let hours = stay.losHours, hours >= Self.mortalityHours - Self.epsilon,
      !rows(within: Self.mortalityHours).rows.isEmpty
    else { return nil }
    return Sample(hours: Self.mortalityHours, label: stay.diedInHospital ? 1 : 0)
  }

  /// Death within 24 h, each hour from the fifth on while the patient lives and is in the ICU.
  var decompensationSamples: [Sample] {
    guard let hours = observedHours else { return [] }
    let lived = stay.livedHours ?? 1e18
    return sampleHours(until: min(hours, lived), observed: hours).map { time in
      Sample(hours: time, label: stay.diedInHospital && lived - time < Self.decompensationHours ? 1 : 0)
    }
  }

  /// Hours that remain in the ICU, each hour from the fifth on.
  var remainingStaySamples: [Sample] {
    guard let hours = observedHours else { return [] }
    return sampleHours(until: hours, observed: hours).map { Sample(hours: $0, label: hours - $0) }
  }

  /// The 25 conditions of the whole stay; `label` is not used.
  var phenotypingSample: Sample? { observedHours.map { Sample(hours: $0, label: 0) } }

  /// 0, 1, 2, … below `end`, behind the fourth hour and the first row.
  private func sampleHours(until end: Double, observed: Double) -> [Double] {
    guard let first = rows(within: observed).rows.first?.hours else { return [] }
    let count = max(0, Int((end + Self.epsilon).rounded(.up)))
    return (0..<count).map(Double.init).filter { $0 > Self.leastHours && $0 > first }
  }
}
