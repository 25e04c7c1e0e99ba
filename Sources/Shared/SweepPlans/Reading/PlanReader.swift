// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps

/// Tree → plan. Each section is read by a function of its own; whatever needs two of them is checked where the second is.
enum PlanReader {
  static let foldCountMax: Int64 = 1_000
  static let trialCountMax: Int64 = 1_000_000

  static func read(_ root: YAMLNode) throws(SweepPlanError) -> SweepPlan {
    let file = try SectionReader(root, path: "", .file)
    _ = try file.required("apiVersion").oneOf([Word.apiVersion], path: "apiVersion")
    _ = try file.required("kind").oneOf([Word.kind], path: "kind")
    let name = try name(file)
    let outcome = try file.required("task").oneOf(Outcome.allCases, path: "task")
    let seed = try file.seed ?? 0
    let data = try data(file)
    let folds = try folds(file, seed: seed)
    let objective = try ObjectiveReader.read(try file.required("objective"), outcome: outcome)
    let space = try SpaceReader.read(try file.required("space"), outcome)
    let sampler = try SearchReader.sampler(file, seed: seed, space)
    let pruner = try SearchReader.pruner(file)
    try SearchReader.checkSteps(file, pruner, space, isReproducible: sampler.isReproducible)
    try ObjectiveReader.check(
      file, objective.second, sampler.settings.kind, isReproducible: sampler.isReproducible, pruner.kind)
    let enqueued = try EnqueueReader.read(file, space: space, outcome)
    let warmStart = try EnqueueReader.warmStart(file, space: space, outcome, sampler.settings.kind)
    let budget = try BudgetReader(
      objective: objective, folds: folds, space: space, enqueued: enqueued, warmCount: warmStart?.best ?? 0
    ).read(file, sampler.settings.kind)
    let track = try file.section("track", .track)
    return SweepPlan(
      name: name, description: try file.text("description") ?? "", tags: try tags(file), outcome: outcome, seed: seed,
      datasetPath: data.path, expectedDigest: data.digest, folds: folds, objective: objective, space: space,
      sampler: sampler.settings, isReproducible: sampler.isReproducible, pruner: pruner, enqueued: enqueued,
      warmStart: warmStart, trialCountMax: budget.trialCount, wallTimeMaxMilliseconds: budget.wallTime,
      computeMaxMilliseconds: budget.compute, stopRules: budget.rules, execution: try execution(file),
      trackerPath: try track?.path("db") ?? "runs/tracker.db",
      artifactsPath: try track?.path("artifacts") ?? "runs/artifacts",
      refitsBest: try file.section("finish", .finish)?.flag("refit_best") ?? false)
  }

  private static func name(_ file: SectionReader) throws(SweepPlanError) -> String {
    let name = try file.requiredText("name")
    let isName =
      name.utf8.count <= 63
      && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    guard isName else {
      let node = try file.required("name")
      throw node.error(.badValue, "name: expected 1 to 63 of a-z, 0-9 and -, found \(node.kindText)")
    }
    return name
  }

  private static func tags(_ file: SectionReader) throws(SweepPlanError) -> [SweepPlan.Tag] {
    guard let node = file.optional("tags") else { return [] }
    guard let pairs = node.pairs else {
      throw node.error(.wrongType, "tags: expected a mapping of text to text, found \(node.kindText)")
    }
    var tags: [SweepPlan.Tag] = []
    for pair in pairs {
      guard let name = pair.key.text, let value = pair.value.text, !pair.value.isNull else {
        throw pair.value.error(
          .wrongType, "tags.\(pair.key.text ?? "?"): expected text, found \(pair.value.kindText)")
      }
      tags.append(.init(name: name, value: value))
    }
    return tags.sorted { $0.name < $1.name }
  }

  private static func data(_ file: SectionReader) throws(SweepPlanError) -> (path: String, digest: ContentDigest?) {
    let data = try SectionReader(try file.required("data"), path: "data", .data)
    let path = try data.requiredText("dataset")
    guard let text = try data.text("expect_digest") else { return (path, nil) }
    let hex = text.hasPrefix("sha256:") ? String(text.dropFirst("sha256:".count)) : text
    guard let digest = ContentDigest(hex: hex) else {
      throw try data.required("expect_digest").error(
        .badValue, "data.expect_digest: expected sha256: and 64 lower-case hexadecimal digits, found \(text)")
    }
    return (path, digest)
  }

  private static func folds(_ file: SectionReader, seed: UInt64) throws(SweepPlanError) -> FoldPlan {
    let section = try file.section("cv", .folds)
    if let node = section?.optional("group_by") { _ = try node.oneOf([Word.patient], path: "cv.group_by") }
    let scheme = try section?.oneOf("scheme", FoldPlan.Scheme.self, later: ["stratified", "temporal", "holdout"])
    let ownSeed = try section?.seed ?? seed
    return FoldPlan(
      scheme: scheme ?? .stratifiedGrouped,
      foldCount: Int(try section?.integer("folds", in: 2...foldCountMax) ?? 5),
      repeatCount: Int(try section?.integer("repeats", in: 1...foldCountMax) ?? 1), seed: ownSeed,
      testSet: try section?.section("test", .testSet).map { (test) throws(SweepPlanError) in
        try testSet(test, seed: ownSeed)
      })
  }

  /// The share of at most ten parts that is nearest; of equals the one of fewer parts.
  private static func testSet(_ section: SectionReader, seed: UInt64) throws(SweepPlanError) -> FoldPlan.TestSet {
    _ = try section.required("fraction")
    let fraction = try section.number("fraction", in: 0.05...0.5) ?? 0
    var best = (partCount: 10, count: 1)
    for partCount in 2...10 {
      let count = max(1, Int((fraction * Double(partCount)).rounded()))
      let distance = abs(Double(count) / Double(partCount) - fraction)
      if partCount == 2 || distance < abs(Double(best.count) / Double(best.partCount) - fraction) - 1e-9 {
        best = (partCount, count)
      }
    }
    let first = Int(try section.integer("part", in: 0...Int64(best.partCount - best.count)) ?? 0)
    return FoldPlan.TestSet(
      partCount: best.partCount, first: first, count: best.count, seed: try section.seed ?? seed)
  }

  private static func execution(_ file: SectionReader) throws(SweepPlanError) -> SweepPlan.Execution {
    let section = try file.section("execution", .execution)
    let heartbeat = try section?.duration("heartbeat") ?? 1_000
    let lease = try section?.duration("lease") ?? 5 * heartbeat
    guard lease >= 3 * heartbeat else {
      throw (section?.optional("lease") ?? file.node).error(
        .badValue, "execution.lease: expected at least 3 heartbeats, \(3 * heartbeat)ms, found \(lease)ms",
        note: "one lost message must not cost a worker its tasks")
    }
    return SweepPlan.Execution(
      retryCount: Int(try section?.integer("retries", in: 0...100) ?? 2), heartbeatMilliseconds: heartbeat,
      leaseMilliseconds: lease, attemptTimeoutMilliseconds: try section?.duration("timeout"),
      requirements: try section.map(requirements) ?? TaskRequirements())
  }
}

extension SectionReader {
  /// The section below `key`, if it is there.
  func section(_ key: String, _ section: FileSection) throws(SweepPlanError) -> SectionReader? {
    guard let value = optional(key) else { return nil }
    return try SectionReader(value, path: pathText(key), section)
  }

  var seed: UInt64? {
    get throws(SweepPlanError) { try integer("seed", in: 0...Int64.max).map(UInt64.init) }
  }

  func path(_ key: String) throws(SweepPlanError) -> String? {
    optional(key) == nil ? nil : try requiredText(key)
  }
}
