// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Search
import Testing

/// A sampler under a name, over a space: what every sampler must pass. A new kind joins by being in `SamplerKind`.
struct SamplerCase: Sendable, CustomTestStringConvertible {
  let kind: SamplerKind
  let spaceName: String
  let space: SearchSpace

  var testDescription: String { "\(kind.rawValue), \(spaceName)" }

  static func all() throws -> [SamplerCase] {
    let spaces = [
      ("mixed", try SpaceFixtures.mixed()), ("stepped", try SpaceFixtures.stepped()),
      ("nested", try SpaceFixtures.nested()), ("ordinal", try SpaceFixtures.ordinal()),
      ("required", try SpaceFixtures.required()),
    ]
    return spaces.flatMap { name, space in
      SamplerKind.allCases.filter { $0 != .grid || space.size != nil }.map {
        SamplerCase(kind: $0, spaceName: name, space: space)
      }
    }
  }

  func make(_ seed: UInt64) throws -> any Sampler {
    try SamplerSettings(kind: kind, seed: seed).makeSampler(space: space)
  }

  /// Proposals 0..<count, or fewer where the space ends, and the history that they and their losses make.
  func play(seed: UInt64, count: Int = 60) throws -> (proposals: [Parameters], history: TrialHistory) {
    var sampler = try make(seed)
    var history = TrialHistory(UnitCube(space))
    var proposals: [Parameters] = []
    for number in 0..<count {
      history.knownCount = sampler.prefixCount(trial: number)
      guard let proposal = sampler.suggest(trial: number, after: history) else { break }
      proposals.append(proposal)
      history.append(proposal)
      history.settle(number, loss: Self.loss(proposal, number))
    }
    return (proposals, history)
  }

  /// Any function will do; every seventh trial fails.
  static func loss(_ parameters: Parameters, _ number: Int) -> Double {
    if number % 7 == 6 { return .infinity }
    return parameters.entries.reduce(0) { $0 + ($1.value.number ?? Double($1.value.description.utf8.count)) }
  }
}

@Suite struct SamplerConformanceTests {
  static let seeds: [UInt64] = [0, 1, .max]

  // Goal: no worker is ever sent a value that its file does not allow, nor a parameter of another branch.
  // Method: `contains` walks the tree anew and demands each parameter that exists, and no other.
  @Test(arguments: try SamplerCase.all()) func proposal_liesInItsSpace(sampler: SamplerCase) throws {
    for seed in Self.seeds {
      let proposals = try sampler.play(seed: seed).proposals
      #expect(!proposals.isEmpty)
      for (number, proposal) in proposals.enumerated() {
        let isInside = sampler.space.contains(proposal) && sampler.space.allows(proposal)
        #expect(isInside, "seed \(seed), trial \(number): \(proposal.json)")
      }
    }
  }

  @Test(arguments: try SamplerCase.all()) func sameSeed_givesTheSameProposals(sampler: SamplerCase) throws {
    for seed in Self.seeds {
      #expect(try sampler.play(seed: seed).proposals == sampler.play(seed: seed).proposals, "seed \(seed)")
    }
  }

  // In real life: the coordinator is killed after trial 7 and asks for trial 8 first of all, in a new process. What a
  // sampler keeps between calls must not show.
  @Test(arguments: try SamplerCase.all()) func proposal_isAFunctionOfNumberAndResults(sampler: SamplerCase) throws {
    let (proposals, full) = try sampler.play(seed: 5)
    for number in proposals.indices.reversed() {
      var fresh = try sampler.make(5)
      var history = TrialHistory(full.cube)
      for row in 0..<number {
        history.append(proposals[row])
        history.settle(row, loss: full.losses[row])
      }
      history.knownCount = fresh.prefixCount(trial: number)
      let proposal = fresh.suggest(trial: number, after: history)
      #expect(proposal == proposals[number], "trial \(number)")
    }
  }

  // Goal: results beyond the declared prefix may arrive in any order, or not at all, without a change.
  @Test(arguments: try SamplerCase.all()) func resultsBeyondThePrefix_changeNothing(sampler: SamplerCase) throws {
    let (proposals, full) = try sampler.play(seed: 3, count: 40)
    for number in proposals.indices {
      var subject = try sampler.make(3)
      let prefix = subject.prefixCount(trial: number)
      #expect(prefix <= number)
      var history = TrialHistory(full.cube)
      for row in 0..<number {
        history.append(proposals[row])
        if row < prefix { history.settle(row, loss: full.losses[row]) }
        if row >= prefix, row.isMultiple(of: 2) { history.settle(row, loss: -1e9) }
      }
      history.knownCount = prefix
      let proposal = subject.suggest(trial: number, after: history)
      #expect(proposal == proposals[number], "trial \(number)")
    }
  }

  // In real life: `reproducible: false`, and five of the last eight trials still run.
  @Test(arguments: try SamplerCase.all()) func holesInTheResults_areBorne(sampler: SamplerCase) throws {
    let (proposals, full) = try sampler.play(seed: 8)
    for number in stride(from: 0, to: proposals.count, by: 7) {
      var subject = try sampler.make(8)
      var history = TrialHistory(full.cube)
      for row in 0..<number {
        history.append(proposals[row])
        if row % 3 != 1 { history.settle(row, loss: full.losses[row]) }
      }
      history.knownCount = number
      let proposal = subject.suggest(trial: number, after: history)
      #expect(proposal.map(sampler.space.contains) ?? (sampler.kind == .grid), "trial \(number)")
    }
  }

  @Test(arguments: try SamplerCase.all().filter { $0.kind != .grid })
  func otherSeed_givesOthers(sampler: SamplerCase) throws {
    #expect(try sampler.play(seed: 1).proposals != sampler.play(seed: 2).proposals)
  }

  @Test(arguments: try SamplerCase.all().filter { $0.kind == .grid && $0.space.requirements.isEmpty })
  func grid_proposesEachCellOnce(sampler: SamplerCase) throws {
    let size = try #require(sampler.space.size)
    let grid = try GridSampler(space: sampler.space)
    let proposals = (0..<size).compactMap { grid.suggest(trial: $0, after: .none) }
    #expect(grid.size == size)
    #expect(Set(proposals).count == size)
    #expect(grid.suggest(trial: size, after: .none) == nil)
    #expect(grid.suggest(trial: -1, after: .none) == nil)
  }

  // Goal: a point of the cube is its parameters and back, wherever the space has branches, steps or logarithms.
  @Test(arguments: try SamplerCase.all().filter { $0.kind == .random })
  func cube_findsEveryProposalAgain(sampler: SamplerCase) throws {
    let cube = UnitCube(sampler.space)
    for proposal in try sampler.play(seed: 4, count: 200).proposals {
      let point = cube.point(of: proposal)
      let again = cube.parameters { point[$0] }
      for (entry, other) in zip(proposal.entries, again.entries) {
        #expect(entry.name == other.name)
        guard let number = entry.value.number, let found = other.value.number else {
          #expect(entry == other)
          continue
        }
        #expect(abs(number - found) <= 1e-9 * max(abs(number), 1), "\(entry.name): \(number), \(found)")
      }
    }
  }
}
