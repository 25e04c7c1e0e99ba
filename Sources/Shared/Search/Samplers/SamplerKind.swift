// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

package enum SamplerKind: String, CaseIterable, Hashable, Sendable {
  case grid
  case random
  case sobol
  case halton
  case tpe
  case cmaes
  case gp
  case nsga2

  package var doc: String {
    switch self {
    case .grid: "every combination once"
    case .random: "independent draws"
    case .sobol: "scrambled Sobol points"
    case .halton: "scrambled Halton points"
    case .tpe: "multivariate tree-structured Parzen estimator"
    case .cmaes: "covariance matrix adaptation"
    case .gp: "Gaussian process with expected improvement, for small spaces"
    case .nsga2: "non-dominated sorting, for several objectives"
    }
  }

  /// Learns from results, so it works in rounds.
  package var learns: Bool {
    switch self {
    case .grid, .random, .sobol, .halton: false
    case .tpe, .cmaes, .gp, .nsga2: true
    }
  }
}

/// All that fixes a sampler besides its space.
package struct SamplerSettings: Hashable, Sendable {
  package var kind: SamplerKind
  package var seed: UInt64
  /// Trials before the first that learns; `nil` for the sampler's own choice.
  package var startupCount: Int?
  /// Trials of a round; `nil` for the sampler's own choice.
  package var roundSize: Int?

  package init(kind: SamplerKind, seed: UInt64, startupCount: Int? = nil, roundSize: Int? = nil) {
    self.kind = kind
    self.seed = seed
    self.startupCount = startupCount
    self.roundSize = roundSize
  }

  /// The sampler of `space`, after the enqueued trials, which keep their order.
  ///
  /// - Throws: for a grid over a continuous range.
  package func makeSampler(space: SearchSpace, enqueued: [Parameters] = []) throws(SearchError) -> any Sampler {
    let next: any Sampler =
      switch kind {
      case .grid: try GridSampler(space: space, leavingOut: enqueued)
      case .random: RandomSampler(space: space, seed: seed)
      case .sobol: SobolSampler(space: space, seed: seed)
      case .halton: HaltonSampler(space: space, seed: seed)
      case .tpe: TPESampler(space: space, seed: seed, startupCount: startupCount, roundSize: roundSize)
      case .cmaes: CMAESSampler(space: space, seed: seed, roundSize: roundSize)
      case .gp: GPSampler(space: space, seed: seed, startupCount: startupCount, roundSize: roundSize)
      case .nsga2: NSGA2Sampler(space: space, seed: seed, roundSize: roundSize)
      }
    return EnqueuedSampler(enqueued, then: next)
  }
}
