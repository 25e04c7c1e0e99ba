// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps

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
      let kind = try node.oneOf(PrunerKind.allCases, path: "pruner")
      if kind == .threshold { throw node.error(.missingKey, "pruner: a threshold needs `low` or `high`") }
      return PrunerSettings(kind: kind)
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
    try readSteps(section, kind, &settings)
    settings.protectsEnqueued = try section.flag("protect_enqueued") ?? true
    for (index, item) in (try section.list("protect") ?? []).enumerated() {
      settings.protected.append(try item.oneOf(Learner.allCases, path: "pruner.protect[\(index)]").rawValue)
    }
    return settings
  }

  /// The keys of pruners that look into folds.
  private static func readSteps(
    _ section: SectionReader, _ kind: PrunerKind, _ settings: inout PrunerSettings
  ) throws(SweepPlanError) {
    try refuse("unit", section, takers: PrunerSettings.kindsByStep, kind)
    settings.unit = try section.oneOf("unit", SuccessiveHalvingPruner.Unit.self) ?? .fold
    let takers = PrunerSettings.kindsByStep + [.patience]
    for key in ["first_step", "step_interval"] {
      try refuse(key, section, takers: key == "first_step" ? takers : takers.filter { $0 != .asha }, kind)
      guard kind != .patience, settings.unit == .fold,
        let pair = section.node.pairs?.first(where: { $0.key.text == key })
      else { continue }
      throw pair.key.error(.badValue, "`\(key)` in pruner means nothing without unit: step")
    }
    if settings.unit == .step, kind == .asha,
      let pair = section.node.pairs?.first(where: { $0.key.text == "min_folds" })
    {
      throw pair.key.error(
        .badValue, "`min_folds` in pruner means nothing beside unit: step", note: "rungs begin at `first_step`")
    }
    if let value = try section.integer("first_step", in: 1...100_000) { settings.firstStep = Int(value) }
    if let value = try section.integer("step_interval", in: 1...100_000) { settings.stepInterval = Int(value) }
    for key in ["patience", "min_gain"] { try refuse(key, section, takers: [PrunerKind.patience], kind) }
    let steps = try section.integer("patience", in: 1...100_000).map { Int($0) } ?? settings.patience.steps
    let gain = try section.number("min_gain", in: 0...1_000_000) ?? settings.patience.gainMin
    settings.patience = StepRule.Patience(steps: steps, gainMin: gain)
  }

  /// Folds can be looked into only where their rules follow from declared results, and only where a learner has steps.
  static func checkSteps(
    _ file: SectionReader, _ pruner: PrunerSettings, _ space: SearchSpace, isReproducible: Bool
  ) throws(SweepPlanError) {
    guard pruner.judgesSteps, let node = file.optional("pruner") else { return }
    let what = pruner.kind == .patience ? "pruner.kind: patience" : "pruner.unit: step"
    guard isReproducible else {
      throw node.error(
        .badValue, "\(what) and sampler.reproducible: false exclude each other",
        note: "a fold that is trained twice has to end at one step: what ends it follows from declared results")
    }
    let learners = space.parameters.first { $0.name == SpaceReader.modelName }?.distribution
    guard
      Learner.allCases.contains(where: { $0.stepParameter != nil && learners?.contains(.text($0.rawValue)) == true })
    else {
      throw node.error(
        .badValue, "\(what): no learner of this space trains in steps",
        note: "expected \(listed(Learner.allCases.filter { $0.stepParameter != nil }.map(\.rawValue), or: true))")
    }
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
