// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Hyperparameters
import Search
package import Sweeps

extension SweepPlan {
  /// The whole plan as canonical JSON, which is itself a sweep file: reading it gives this plan again. (Not so for a final
  /// fit: no file can ask for a search that scores on its test set.)
  package var spec: String {
    var entries = identityEntries
    entries["apiVersion"] = .text(Word.apiVersion.rawValue)
    entries["kind"] = .text(Word.kind.rawValue)
    entries["name"] = .text(name)
    entries["description"] = .text(description)
    entries["tags"] = .object(Dictionary(tags.map { ($0.name, .text($0.value)) }) { first, _ in first })
    entries["objective"] = .object(objectiveEntries.merging(["also": .list(objective.also.map { .text($0) })]) { $1 })
    var data: [String: CanonicalJSON] = ["dataset": .text(datasetPath)]
    data["expect_digest"] = expectedDigest.map { .text("sha256:" + $0.hex) }
    entries["data"] = .object(data)
    var budget: [String: CanonicalJSON] = ["trials": .integer(Int64(trialCountMax))]
    budget["wall_time"] = wallTimeMaxMilliseconds.map(duration)
    budget["worker_hours"] = computeMaxMilliseconds.map { .real(Double($0) / 3_600_000) }
    budget["folds"] = stopRules.foldCountMax.map { .integer(Int64($0)) }
    if !stopRuleEntries.isEmpty { budget["stop_if"] = .object(stopRuleEntries) }
    entries["budget"] = .object(budget)
    var execution: [String: CanonicalJSON] = [
      "retries": .integer(Int64(self.execution.retryCount)),
      "heartbeat": duration(self.execution.heartbeatMilliseconds),
      "lease": duration(self.execution.leaseMilliseconds),
    ]
    execution["timeout"] = self.execution.attemptTimeoutMilliseconds.map(duration)
    execution.merge(requirementEntries) { $1 }
    entries["execution"] = .object(execution)
    if let warmStart { entries["warm_start"] = .object(warmStart.entries(isIdentity: false)) }
    if refitsBest { entries["finish"] = .object(["refit_best": .flag(true)]) }
    entries["track"] = .object(["db": .text(trackerPath), "artifacts": .text(artifactsPath)])
    return CanonicalJSON.object(entries).text
  }

  private var requirementEntries: [String: CanonicalJSON] {
    let wanted = execution.requirements
    var resources: [String: CanonicalJSON] = [:]
    if wanted.coreCount > 0 { resources["cpus"] = .integer(Int64(wanted.coreCount)) }
    if wanted.memoryBytes > 0 { resources["memory"] = .text("\(wanted.memoryBytes)B") }
    if wanted.gpuCount > 0 { resources["gpus"] = .integer(Int64(wanted.gpuCount)) }
    var entries: [String: CanonicalJSON] = [:]
    if !resources.isEmpty { entries["resources"] = .object(resources) }
    if !wanted.labels.isEmpty {
      entries["where"] = .object(
        Dictionary(uniqueKeysWithValues: wanted.labels.map { ("labels." + $0.name, .text($0.value)) }))
    }
    return entries
  }

  /// SHA-256 of all that decides what a trial of a given number is and how it scores on a given data set: task, seeds,
  /// folds, objective, space, sampler, pruner, enqueued trials, and the defaults of the learners' keys.
  ///
  /// A tracked sweep goes on only with an equal digest (and an equal data set). Names, paths, leases, retries and the
  /// budget are left out: a larger budget extends a sweep, whose trials so far stay as they are.
  package var identityDigest: ContentDigest {
    var entries = identityEntries
    entries["defaults"] = .object(
      Dictionary(uniqueKeysWithValues: learners.map { ($0.rawValue, defaults(of: $0)) }))
    return ContentDigest(bytes: SHA256.hash(data: Array(CanonicalJSON.object(entries).text.utf8)))
  }

  /// Learners that a trial may have.
  package var learners: [Learner] {
    let model = space.parameters.first { $0.name == SpaceReader.modelName }?.distribution
    return Learner.allCases.filter { model?.contains(.text($0.rawValue)) == true }
  }

  private var identityEntries: [String: CanonicalJSON] {
    var entries: [String: CanonicalJSON] = [
      "task": .text(outcome.rawValue), "seed": .integer(Int64(seed)), "cv": .object(foldEntries),
      "objective": .object(objectiveEntries), "space": space.canonical,
      "sampler": .object(samplerEntries), "pruner": .object(prunerEntries),
      "enqueue": .list(enqueued.map(\.canonical)),
    ]
    entries["warm_start"] = warmStart.map { .object($0.entries(isIdentity: true)) }
    return entries
  }

  private var foldEntries: [String: CanonicalJSON] {
    var entries: [String: CanonicalJSON] = [
      "scheme": .text(folds.scheme.rawValue), "group_by": .text(Word.patient.rawValue),
      "folds": .integer(Int64(folds.foldCount)), "repeats": .integer(Int64(folds.repeatCount)),
      "seed": .integer(Int64(folds.seed)),
    ]
    if let test = folds.testSet {
      var own: [String: CanonicalJSON] = [
        "fraction": .real(Double(test.count) / Double(test.partCount)), "seed": .integer(Int64(test.seed)),
      ]
      own["part"] = test.first == 0 ? nil : .integer(Int64(test.first))
      entries["test"] = .object(own)
    }
    entries["final"] = folds.isFinal ? .flag(true) : nil
    return entries
  }

  /// Keys that came later are there only where they depart from their defaults: sweeps of before keep their digest.
  private var samplerEntries: [String: CanonicalJSON] {
    var entries: [String: CanonicalJSON] = [
      "kind": .text(sampler.kind.rawValue), "seed": .integer(Int64(sampler.seed)),
    ]
    entries["reproducible"] = isReproducible ? nil : .flag(false)
    entries["startup_trials"] = sampler.startupCount.map { .integer(Int64($0)) }
    entries["round"] = sampler.roundSize.map { .integer(Int64($0)) }
    return entries
  }

  /// Only the keys that the kind takes, so that it is a sweep file again.
  private var prunerEntries: [String: CanonicalJSON] {
    var entries: [String: CanonicalJSON] = ["kind": .text(pruner.kind.rawValue)]
    guard pruner.kind != .none else { return entries }
    entries["protect"] = .list(pruner.protected.map { .text($0) })
    entries["protect_enqueued"] = .flag(pruner.protectsEnqueued)
    entries["round"] = .integer(Int64(pruner.roundSize))
    switch pruner.kind {
    case .median, .percentile:
      entries["startup"] = .integer(Int64(pruner.startupCount))
      entries["warmup_folds"] = .integer(Int64(pruner.warmupFolds))
      if pruner.kind == .percentile { entries["keep"] = .real(pruner.keepShare) }
    case .asha:
      entries["min_folds"] = .integer(Int64(pruner.minimum))
      entries["reduction"] = .real(pruner.reduction)
    case .hyperband: entries["reduction"] = .real(pruner.reduction)
    case .foldRungs: entries["keep"] = .real(pruner.keepShare)
    case .pairedTest: entries["alpha"] = .real(pruner.alpha)
    case .threshold:
      entries["low"] = pruner.low.map(CanonicalJSON.real)
      entries["high"] = pruner.high.map(CanonicalJSON.real)
    case .patience:
      entries["patience"] = .integer(Int64(pruner.patience.steps))
      entries["min_gain"] = .real(pruner.patience.gainMin)
    case .none, .bound: break
    }
    guard pruner.judgesSteps else { return entries }
    entries["first_step"] = .integer(Int64(pruner.firstStep))
    if pruner.kind != .asha { entries["step_interval"] = .integer(Int64(pruner.stepInterval)) }
    if pruner.unit == .step {
      entries["unit"] = .text(pruner.unit.rawValue)
      entries["min_folds"] = nil
    }
    return entries
  }

  private var stopRuleEntries: [String: CanonicalJSON] {
    var entries: [String: CanonicalJSON] = [:]
    entries["target"] = stopRules.target.map(CanonicalJSON.real)
    entries["no_improvement"] = stopRules.noImprovementCount.map { .integer(Int64($0)) }
    if stopRules.noImprovementCount != nil { entries["min_delta"] = .real(stopRules.minDelta) }
    return entries
  }

  private var objectiveEntries: [String: CanonicalJSON] {
    var entries: [String: CanonicalJSON] = [
      "metric": .text(objective.metric), "direction": .text(objective.direction.rawValue),
      "aggregate": .text(objective.aggregate.rawValue),
    ]
    entries["second"] = objective.second.map { .text($0.metric) }
    return entries
  }

  private func defaults(of learner: Learner) -> CanonicalJSON {
    .object(Dictionary(uniqueKeysWithValues: learner.specifications.map { ($0.name, .value($0.standard)) }))
  }

  private func duration(_ milliseconds: Int64) -> CanonicalJSON { .text("\(milliseconds)ms") }
}

extension WarmStart {
  /// Which trials the other sweep had to give is no part of the identity: it may have been extended since.
  fileprivate func entries(isIdentity: Bool) -> [String: CanonicalJSON] {
    var entries: [String: CanonicalJSON] = ["sweep": .text(sweep), "best": .integer(Int64(best))]
    guard !isIdentity else { return entries }
    entries["tracker"] = tracker.map(CanonicalJSON.text)
    entries["trials"] = trials.map { .list($0.map(\.canonical)) }
    return entries
  }
}

extension Parameters {
  fileprivate var canonical: CanonicalJSON { .ordered(entries.map { ($0.name, .value($0.value)) }) }
}
