// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search

/// Reads `sampler` and `pruner`.
enum SearchReader {
  private static let countRange: ClosedRange<Int64> = 1...10_000

  static func sampler(
    _ file: SectionReader, seed: UInt64, _ space: SearchSpace
  ) throws(SweepPlanError) -> (settings: SamplerSettings, isReproducible: Bool) {
    let section = try SectionReader(try file.required("sampler"), path: "sampler", .sampler)
    let node = try section.required("kind")
    let kind = try node.oneOf(SamplerKind.allCases, path: "sampler.kind")
    if kind == .grid {
      do throws(SearchError) {
        _ = try GridSampler(space: space)
      } catch {
        let name = error.parameter.map { "`\($0)`, " } ?? ""
        throw node.error(
          .badValue, "sampler.kind: no grid of this space: \(name)\(error.found)",
          note: error.parameter == nil ? "expected \(error.expected)" : "give it a step or points, or use kind: random")
      }
    }
    var settings = SamplerSettings(kind: kind, seed: try section.seed ?? seed)
    settings.startupCount = try count("startup_trials", section, takers: [SamplerKind.tpe, .gp], kind)
    settings.roundSize = try count("round", section, takers: SamplerKind.allCases.filter(\.learns), kind)
    return (settings, try section.flag("reproducible") ?? true)
  }

  static func pruner(_ file: SectionReader) throws(SweepPlanError) -> PrunerSettings {
    guard let node = file.optional("pruner") else { return PrunerSettings() }
    if node.text != nil {
      try refusePatience(node, path: "pruner")
      let kind = try node.oneOf(PrunerKind.allCases, path: "pruner")
      if kind == .threshold { throw node.error(.missingKey, "pruner: a threshold needs `low` or `high`") }
      return PrunerSettings(kind: kind)
    }
    // The kind first: the keys of a pruner that is not there yet are not the user's mistake.
    if let kind = node["kind"] {
      try refusePatience(kind, path: "pruner.kind")
      _ = try kind.oneOf(PrunerKind.allCases, path: "pruner.kind")
    }
    let section = try SectionReader(node, path: "pruner", .pruner)
    let kind = try section.required("kind").oneOf(PrunerKind.allCases, path: "pruner.kind")
    var settings = PrunerSettings(kind: kind)
    let shares: [PrunerKind] = [.median, .percentile]
    if let value = try count("round", section, takers: PrunerKind.allCases.filter { $0 != .none }, kind) {
      settings.roundSize = value
    }
    if let value = try count("startup", section, takers: shares, kind) { settings.startupCount = value }
    if let value = try count("warmup_folds", section, takers: shares, kind) { settings.warmupFolds = value }
    if let value = try count("min_folds", section, takers: [.asha], kind) { settings.minimum = value }
    if let value = try number("keep", section, 0.01...1, takers: [.percentile, .foldRungs], kind) {
      settings.keepShare = value
    }
    if let value = try number("reduction", section, 1.1...100, takers: [.asha, .hyperband], kind) {
      settings.reduction = value
    }
    if let value = try number("alpha", section, 0.0001...0.49, takers: [.pairedTest], kind) { settings.alpha = value }
    let any = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    settings.low = try number("low", section, any, takers: [.threshold], kind)
    settings.high = try number("high", section, any, takers: [.threshold], kind)
    if kind == .threshold, settings.low == nil, settings.high == nil {
      throw section.node.error(.missingKey, "pruner: a threshold needs `low` or `high`")
    }
    settings.protectsEnqueued = try section.flag("protect_enqueued") ?? true
    for (index, item) in (try section.list("protect") ?? []).enumerated() {
      settings.protected.append(try item.oneOf(Learner.allCases, path: "pruner.protect[\(index)]").rawValue)
    }
    return settings
  }

  /// Workers send a fold's curve with its result, so nothing outside them can judge a fold that runs.
  private static func refusePatience(_ node: YAMLNode, path: String) throws(SweepPlanError) {
    guard node.text == "patience" else { return }
    throw node.error(
      .notSupportedYet, "\(path): `patience` is not supported yet",
      note: "a fold ends early by its learner's own key: space.params.patience",
      help: SectionReader.reference)
  }

  /// A key that only some kinds know.
  private static func count<Kind: RawRepresentable<String> & Equatable>(
    _ key: String, _ section: SectionReader, takers: [Kind], _ kind: Kind
  ) throws(SweepPlanError) -> Int? {
    try refuse(key, section, takers: takers, kind)
    return try section.integer(key, in: countRange).map { Int($0) }
  }

  private static func number<Kind: RawRepresentable<String> & Equatable>(
    _ key: String, _ section: SectionReader, _ range: ClosedRange<Double>, takers: [Kind], _ kind: Kind
  ) throws(SweepPlanError) -> Double? {
    try refuse(key, section, takers: takers, kind)
    return try section.number(key, in: range)
  }

  private static func refuse<Kind: RawRepresentable<String> & Equatable>(
    _ key: String, _ section: SectionReader, takers: [Kind], _ kind: Kind
  ) throws(SweepPlanError) {
    guard !takers.contains(kind), let pair = section.node.pairs?.first(where: { $0.key.text == key }) else { return }
    throw pair.key.error(
      .badValue, "`\(key)` in \(section.path) means nothing beside kind: \(kind.rawValue)",
      note: "it is for \(listed(takers.map(\.rawValue)))")
  }
}
