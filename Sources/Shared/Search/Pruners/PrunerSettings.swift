// SPDX-License-Identifier: Apache-2.0

package import Sweeps

package enum PrunerKind: String, CaseIterable, Hashable, Sendable {
  case none
  case median
  case percentile
  case asha
  case hyperband
  case threshold
  case patience
  case foldRungs = "fold-rungs"
  case pairedTest = "paired-test"
  case bound

  package var doc: String {
    switch self {
    case .none: "every trial trains all its folds"
    case .median: "stops what is worse than the median"
    case .percentile: "stops what is outside the best `keep`"
    case .asha: "keeps the best 1/`reduction` at rungs of folds"
    case .hyperband: "successive halving in brackets; with `tpe` it is BOHB"
    case .threshold: "stops what leaves `low`…`high`"
    case .patience: "ends a fold that has not gained for `patience` steps; its score counts"
    case .foldRungs: "a trial earns each fold by standing in the best `keep`"
    case .pairedTest: "stops what will hardly beat the best trial, tested on the same folds"
    case .bound: "stops only what cannot win any more"
    }
  }
}

/// All that fixes a pruner. Keys that a kind does not use keep their defaults.
package struct PrunerSettings: Hashable, Sendable {
  package var kind = PrunerKind.none
  package var startupCount = 5
  package var warmupFolds = 1
  package var unit = SuccessiveHalvingPruner.Unit.fold
  /// The first step of a fold that is judged, and how far apart they are.
  package var firstStep = 10
  package var stepInterval = 10
  package var patience = StepRule.Patience(steps: 50)
  package var keepShare = 0.5
  package var minimum = 1
  package var reduction = 3.0
  package var low: Double?
  package var high: Double?
  package var alpha = 0.05
  /// Learners that are never stopped.
  package var protected: [String] = []
  /// Enqueued trials are never stopped: they are there to be compared with.
  package var protectsEnqueued = true
  /// Trials whose folds are compared with each other at a time, where the sampler has no rounds of its own.
  package var roundSize = 10

  package init(kind: PrunerKind = .none) { self.kind = kind }

  /// Kinds that take `unit: step`.
  package static let kindsByStep: [PrunerKind] = [.median, .percentile, .asha, .threshold]

  /// Whether what ends a fold early follows from other trials, and so waits for all earlier rounds.
  package var comparesSteps: Bool { judgesSteps && kind != .patience && kind != .threshold }

  /// Whether folds are judged, or ended, before their last step.
  package var judgesSteps: Bool { kind == .patience || (unit == .step && Self.kindsByStep.contains(kind)) }

  /// `nil` where nothing is ever stopped. Every other kind also stops what cannot win any more.
  package func makePruner() -> (any Pruner)? {
    let chosen: any Pruner
    let even = StepSchedule(first: firstStep, .every(stepInterval))
    let schedule = unit == .step ? even : nil
    switch kind {
    case .none: return nil
    case .median: chosen = MedianPruner(startupCount: startupCount, warmupFolds: warmupFolds, schedule: schedule)
    case .percentile:
      chosen = PercentilePruner(
        keepShare: keepShare, startupCount: startupCount, warmupFolds: warmupFolds, schedule: schedule)
    case .asha:
      chosen = SuccessiveHalvingPruner(
        minimum: unit == .step ? firstStep : minimum, reduction: reduction, unit: unit)
    case .hyperband: chosen = HyperbandPruner(reduction: reduction)
    case .threshold: chosen = ThresholdPruner(low: low, high: high, schedule: schedule)
    case .patience: chosen = PatiencePruner(patience: patience, schedule: even)
    case .foldRungs: chosen = FoldRungsPruner(keepShare: keepShare)
    case .pairedTest: chosen = PairedTestPruner(alpha: alpha)
    case .bound: return LosslessBoundPruner()
    }
    return FirstOfPruners([LosslessBoundPruner(), chosen])
  }
}
