// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Search
import Testing

/// A sampler under a name, over a space: what every sampler must pass. A new sampler joins by a line in `all`.
struct SamplerCase: Sendable, CustomTestStringConvertible {
  let name: String
  let space: SearchSpace
  let isGrid: Bool
  let make: @Sendable (_ seed: UInt64) throws -> any Sampler

  var testDescription: String { name }

  static func all() throws -> [SamplerCase] {
    let spaces = [
      ("mixed", try SpaceFixtures.mixed()), ("stepped", try SpaceFixtures.stepped()),
      ("nested", try SpaceFixtures.nested()),
    ]
    return spaces.flatMap { name, space -> [SamplerCase] in
      let random = SamplerCase(name: "random, \(name)", space: space, isGrid: false) {
        RandomSampler(space: space, seed: $0)
      }
      guard space.size != nil else { return [random] }
      let grid = SamplerCase(name: "grid, \(name)", space: space, isGrid: true) { _ in
        try GridSampler(space: space)
      }
      return [random, grid]
    }
  }

  /// Proposals 0..<60, or fewer where the space ends.
  func proposals(seed: UInt64) throws -> [Parameters] {
    let sampler = try make(seed)
    return (0..<60).compactMap { sampler.suggest(trial: $0, completed: []) }
  }
}

@Suite struct SamplerConformanceTests {
  static let seeds: [UInt64] = [0, 1, 42, .max]

  // Goal: no worker is ever sent a value that its file does not allow, nor a parameter of another branch.
  // Method: `contains` walks the tree anew and demands each parameter that exists, and no other.
  @Test(arguments: try SamplerCase.all()) func proposal_liesInItsSpace(sampler: SamplerCase) throws {
    for seed in Self.seeds {
      let proposals = try sampler.proposals(seed: seed)
      #expect(!proposals.isEmpty)
      for (number, proposal) in proposals.enumerated() {
        #expect(sampler.space.contains(proposal), "seed \(seed), trial \(number): \(proposal.json)")
      }
    }
  }

  @Test(arguments: try SamplerCase.all()) func sameSeed_givesTheSameProposals(sampler: SamplerCase) throws {
    for seed in Self.seeds {
      #expect(try sampler.proposals(seed: seed) == sampler.proposals(seed: seed), "seed \(seed)")
    }
  }

  // In real life: the coordinator is killed after trial 7 and asks for trial 8 first of all, in a new process.
  @Test(arguments: try SamplerCase.all()) func proposal_isAFunctionOfItsNumber(sampler: SamplerCase) throws {
    let inOrder = try sampler.proposals(seed: 5)
    for number in inOrder.indices.reversed() {
      let alone = try sampler.make(5).suggest(trial: number, completed: [])
      #expect(alone == inOrder[number], "trial \(number)")
    }
  }

  // Goal: results beyond the declared prefix may arrive in any order without a change.
  @Test(arguments: try SamplerCase.all()) func resultsBeyondThePrefix_changeNothing(sampler: SamplerCase) throws {
    let subject = try sampler.make(3)
    let results = (0..<40).map { CompletedTrial(number: $0, parameters: [:], objective: Double($0)) }
    for number in 0..<40 {
      let prefix = Array(results.prefix(subject.prefixCount(trial: number)))
      let expected = subject.suggest(trial: number, completed: prefix)
      #expect(subject.suggest(trial: number, completed: results) == expected, "trial \(number)")
    }
  }

  @Test(arguments: try SamplerCase.all().filter { !$0.isGrid }) func otherSeed_givesOthers(sampler: SamplerCase) throws
  {
    #expect(try sampler.proposals(seed: 1) != sampler.proposals(seed: 2))
  }

  @Test(arguments: try SamplerCase.all().filter(\.isGrid)) func grid_proposesEachCellOnce(sampler: SamplerCase) throws {
    let size = try #require(sampler.space.size)
    let grid = try GridSampler(space: sampler.space)
    let proposals = (0..<size).compactMap { grid.suggest(trial: $0, completed: []) }
    #expect(grid.size == size)
    #expect(Set(proposals).count == size)
    #expect(grid.suggest(trial: size, completed: []) == nil)
    #expect(grid.suggest(trial: -1, completed: []) == nil)
  }
}

enum SpaceFixtures {
  /// Three learners, one of them with a branch in its branch; continuous.
  static func mixed() throws -> SearchSpace {
    SearchSpace(
      [.init("model", .choice(try Choice([.text("a"), .text("b"), .text("c")], weights: [5, 4, 1])))],
      branches: [
        .init(
          if: [.init("model", [.text("a")])],
          SearchSpace(
            [
              .init("lr", .real(try RealRange(1e-4, 0.1, log: true))),
              .init("layers", .integer(try IntegerRange(1, 2))),
              .init("units", .integer(try IntegerRange(4, 300, log: true))), .init("epochs", .fixed(.integer(20))),
            ],
            branches: [
              .init(
                if: [.init("layers", [.integer(2)])],
                SearchSpace([.init("between", .real(try RealRange(-0.5, 0.4)))]))
            ])),
        .init(
          if: [.init("model", [.text("b"), .text("c")])],
          SearchSpace([
            .init("l2", .real(try RealRange(0, 1, step: 0.05))), .init("leaves", .integer(try IntegerRange(7, 255))),
          ])),
      ])
  }

  static func stepped() throws -> SearchSpace {
    SearchSpace([
      .init("x", .real(try RealRange(0.1, 0.4, step: 0.1))), .init("y", .integer(try IntegerRange(10, 30, step: 10))),
      .init("z", .choice(try Choice([.text("p"), .flag(true)]))), .init("k", .fixed(.real(2))),
    ])
  }

  /// 2·(1 + 3) + 2 = 10 cells: b exists only with m = 1 and a = 2, two branches can hold at a time.
  static func nested() throws -> SearchSpace {
    SearchSpace(
      [.init("m", .integer(try IntegerRange(1, 2)))],
      branches: [
        .init(
          if: [.init("m", [.integer(1)])],
          SearchSpace(
            [.init("a", .integer(try IntegerRange(1, 2)))],
            branches: [
              .init(
                if: [.init("a", [.integer(2)])],
                SearchSpace([.init("b", .real(try RealRange(1e-3, 0.1, log: true, points: 3)))]))
            ])),
        .init(
          if: [.init("m", [.integer(1), .integer(2)])],
          SearchSpace([.init("c", .choice(try Choice([.text("u"), .text("v")])))])),
      ])
  }
}
