// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
package import Search
package import Sweeps

/// A sweep file that was read and checked: everything a sweep needs, every default written out.
package struct SweepPlan: Hashable, Sendable {
  package struct Tag: Hashable, Sendable {
    package let name: String
    package let value: String
  }

  /// Signs of life, leases and tries; none of it changes a result.
  package struct Execution: Hashable, Sendable {
    /// Tries of a task after its first failure.
    package let retryCount: Int
    package let heartbeatMilliseconds: Int64
    package let leaseMilliseconds: Int64
    package let attemptTimeoutMilliseconds: Int64?
    /// What each task asks of the host it is trained on.
    package let requirements: TaskRequirements
  }

  package internal(set) var name: String
  package internal(set) var description: String
  /// Ascending by name.
  package let tags: [Tag]
  package let outcome: Outcome
  /// Seed of training: the one of every `TrialOrder`.
  package internal(set) var seed: UInt64
  /// Relative to the working directory, as the file says it.
  package let datasetPath: String
  package let expectedDigest: ContentDigest?
  package internal(set) var folds: FoldPlan
  package internal(set) var objective: Objective
  package internal(set) var space: SearchSpace
  package internal(set) var sampler: SamplerSettings
  /// Proposals and pruning depend on declared results alone.
  package internal(set) var isReproducible: Bool
  package internal(set) var pruner: PrunerSettings
  /// With `model`, complete.
  package internal(set) var enqueued: [Parameters]
  package internal(set) var warmStart: WarmStart?
  /// At most this many trials, the enqueued ones included; never more than a grid has.
  package internal(set) var trialCountMax: Int
  package internal(set) var wallTimeMaxMilliseconds: Int64?
  /// Of all recorded folds together.
  package internal(set) var computeMaxMilliseconds: Int64?
  package internal(set) var stopRules: StopRules
  package let execution: Execution
  package let trackerPath: String
  package let artifactsPath: String
  /// The winner is fitted to all rows but the test set when the search has ended.
  package internal(set) var refitsBest: Bool
}

/// A proposal taken apart: the learner, and the keys that are its own.
package struct ProposedTrial: Hashable, Sendable {
  package let learner: Learner
  package let parameters: Parameters
}

extension SweepPlan {
  package var taskCountMax: Int { min(trialCountMax * folds.taskCount, stopRules.foldCountMax ?? .max) }

  /// The enqueued trials, then those of the warm start that are not among them.
  package var firstTrials: [Parameters] {
    enqueued + (warmStart?.trials ?? []).filter { !enqueued.contains($0) }
  }

  /// The first trials, then the sampler's.
  package func makeSampler() throws(SearchError) -> any Sampler {
    try sampler.makeSampler(space: space, enqueued: firstTrials)
  }

  /// `model` and the rest of a proposal of this plan's sampler.
  package func trial(of proposal: Parameters) -> ProposedTrial {
    guard case .text(let name)? = proposal[SpaceReader.modelName], let learner = Learner(rawValue: name) else {
      preconditionFailure("\(proposal.json) is no proposal of sweep \(self.name): it names no learner")
    }
    var parameters = proposal
    parameters[SpaceReader.modelName] = nil
    return ProposedTrial(learner: learner, parameters: parameters)
  }
}
