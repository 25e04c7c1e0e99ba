// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Testing

@Suite struct RandomSamplerTests {
  private func draws(_ distribution: Distribution, count: Int = 4_000) -> [ParameterValue] {
    let sampler = RandomSampler(space: SearchSpace([.init("x", distribution)]), seed: 11)
    return (0..<count).compactMap { sampler.suggest(trial: $0, after: .none)?["x"] }
  }

  // Goal: a log scale gives each decade its share. Method: 4,000 draws over 3 decades; a share of 1/3 has a standard
  // error of 0.0075, so ±0.04 is beyond 5 of them.
  @Test func logReal_givesEachDecadeItsShare() throws {
    let numbers = draws(.real(try RealRange(1e-3, 1, log: true))).compactMap(\.number)
    for decade in [1e-3...1e-2, 1e-2...1e-1, 1e-1...1] {
      let share = Double(numbers.count { decade.contains($0) }) / 4_000
      #expect(abs(share - 1.0 / 3) < 0.04, "\(decade): \(share)")
    }
  }

  @Test func linearReal_fillsItsRange() throws {
    let numbers = draws(.real(try RealRange(-2, 6))).compactMap(\.number)
    #expect(abs(numbers.reduce(0, +) / 4_000 - 2) < 0.2)
    #expect(numbers.allSatisfy { (-2...6).contains($0) })
  }

  // Goal: both ends of an integer range are drawn, as often as their share says.
  @Test func integers_reachBothEnds() throws {
    let even = draws(.integer(try IntegerRange(1, 4)))
    for value in 1...4 { #expect(abs(Double(even.count { $0 == .integer(Int64(value)) }) / 4_000 - 0.25) < 0.04) }
    // On the log scale 1 owns 0.5…1.5: log 3 / log 17 of 0.5…8.5.
    let log = draws(.integer(try IntegerRange(1, 8, log: true)))
    #expect(abs(Double(log.count { $0 == .integer(1) }) / 4_000 - 0.388) < 0.04)
    #expect(log.contains(.integer(8)))
  }

  @Test func weights_areKept() throws {
    let found = draws(.choice(try Choice([.text("a"), .text("b"), .text("c")], weights: [6, 0, 2])))
    #expect(abs(Double(found.count { $0 == .text("a") }) / 4_000 - 0.75) < 0.04)
    #expect(!found.contains(.text("b")))
  }

  // In real life: a parameter is added to a file between two sweeps, and the others should stay comparable.
  @Test func addedParameter_movesNoOther() throws {
    let x = SearchSpace.Parameter("x", .real(try RealRange(0, 1)))
    let y = SearchSpace.Parameter("y", .real(try RealRange(0, 1)))
    for number in 0..<20 {
      let alone = RandomSampler(space: SearchSpace([x]), seed: 4).suggest(trial: number, after: .none)
      let both = RandomSampler(space: SearchSpace([y, x]), seed: 4).suggest(trial: number, after: .none)
      #expect(alone?["x"] == both?["x"])
      #expect(both?["y"] != both?["x"], "two parameters share a stream")
    }
  }

  // Goal: a recorded sweep replays. Method: values that this code gave when it was written.
  @Test func knownSeed_givesKnownValues() throws {
    let sampler = RandomSampler(space: try SpaceFixtures.mixed(), seed: 42)
    let found = (0..<2).map { sampler.suggest(trial: $0, after: .none)?.json ?? "" }
    #expect(found == [#"{"l2":0.8,"leaves":53,"model":"b"}"#, #"{"l2":0.65,"leaves":147,"model":"c"}"#])
    #expect(sampler.suggest(trial: 2, after: .none)?["units"] == .integer(74))
  }
}

@Suite struct GridSamplerTests {
  @Test func grid_countsBranchesOnlyWhereTheyHold() throws {
    #expect(try SpaceFixtures.nested().size == 10)
    #expect(try SpaceFixtures.stepped().size == 24)
    #expect(try SpaceFixtures.mixed().size == nil)
  }

  @Test func grid_variesTheLastParameterFastest() throws {
    let grid = try GridSampler(space: try SpaceFixtures.nested())
    let cells = (0..<10).compactMap { grid.suggest(trial: $0, after: .none)?.json }
    #expect(
      cells == [
        #"{"a":1,"c":"u","m":1}"#, #"{"a":1,"c":"v","m":1}"#, #"{"a":2,"b":0.001,"c":"u","m":1}"#,
        #"{"a":2,"b":0.001,"c":"v","m":1}"#, #"{"a":2,"b":0.01,"c":"u","m":1}"#, #"{"a":2,"b":0.01,"c":"v","m":1}"#,
        #"{"a":2,"b":0.1,"c":"u","m":1}"#, #"{"a":2,"b":0.1,"c":"v","m":1}"#, #"{"c":"u","m":2}"#, #"{"c":"v","m":2}"#,
      ])
  }

  // In real life: 20 parameters of 1,000 values are asked for by mistake; and a large one that can be counted is not listed.
  @Test func hugeGrid_isCountedOrRefused() throws {
    let thousand = Distribution.integer(try IntegerRange(1, 1_000))
    let six = SearchSpace((0..<6).map { .init("p\($0)", thousand) })
    let grid = try GridSampler(space: six)
    #expect(grid.size == 1_000_000_000_000_000_000)
    let last = grid.suggest(trial: grid.size - 1, after: .none)
    #expect(last?.entries.allSatisfy { $0.value == .integer(1_000) } == true)
    let twenty = SearchSpace((0..<20).map { .init("p\($0)", thousand) })
    #expect(throws: SearchError(.grid, expected: "fewer than 2⁶³ cells", found: "more")) {
      try GridSampler(space: twenty)
    }
  }

  @Test func continuousRange_isRefused() throws {
    let space = try SpaceFixtures.mixed()
    let error = #expect(throws: SearchError.self) { try GridSampler(space: space) }
    #expect(error?.parameter == "lr")
  }
}

@Suite struct EnqueuedSamplerTests {
  @Test func enqueued_comeFirstInTheirOrder() throws {
    let space = try SpaceFixtures.mixed()
    let given: [Parameters] = [["model": .text("c")], ["model": .text("a")]]
    var sampler = try SamplerSettings(kind: .random, seed: 9).makeSampler(space: space, enqueued: given)
    let firstTwo = (0..<2).map { sampler.suggest(trial: $0, after: .none) }
    #expect(firstTwo == given)
    let first = RandomSampler(space: space, seed: 9).suggest(trial: 0, after: .none)
    let third = sampler.suggest(trial: 2, after: .none)
    #expect(third == first)
  }

  // In real life: the baseline is enqueued first and is also a cell of the grid; it must not be trained twice.
  @Test func enqueuedCell_isLeftOutOfTheGrid() throws {
    let space = try SpaceFixtures.nested()
    let plain = try GridSampler(space: space)
    for skipped in [[0], [9], [3, 4], [7, 2, 2], Array(0..<10)] {
      let given = skipped.compactMap { plain.suggest(trial: $0, after: .none) }
      let elsewhere: Parameters = ["m": .integer(7)]
      var sampler = try SamplerSettings(kind: .grid, seed: 0).makeSampler(space: space, enqueued: given + [elsewhere])
      let all = (0..<14).compactMap { sampler.suggest(trial: $0, after: .none) }
      let rest = all.dropFirst(given.count + 1)
      #expect(Set(rest).count == 10 - Set(skipped).count, "without \(skipped)")
      #expect(Set(rest).isDisjoint(with: given))
      #expect(all.dropFirst(given.count).first == elsewhere)
    }
  }
}

@Suite struct SearchSpaceTests {
  @Test func dimensions_countSearchedParametersOnly() throws {
    let space = try SpaceFixtures.mixed()
    #expect(space.dimensionCount == 7)
    #expect(space.fixedCount == 1)
  }

  @Test func listing_saysWhenAParameterExists() throws {
    let lines = try SpaceFixtures.mixed().listing.map { "\($0.condition) | \($0.name) | \($0.distribution)" }
    #expect(
      lines == [
        " | model | one of a, b, c with weights 5, 4, 1", "model = a | lr | real 0.0001…0.1, log",
        "model = a | layers | integer 1…2", "model = a | units | integer 4…300, log", "model = a | epochs | fixed 20",
        "model = a, layers = 2 | between | real -0.5…0.4", "model = b or c | l2 | real 0…1, step 0.05",
        "model = b or c | leaves | integer 7…255",
      ])
  }

  @Test func parameterOfAnotherBranch_isOutside() throws {
    let space = try SpaceFixtures.nested()
    #expect(space.contains(["m": .integer(2), "c": .text("u")]))
    #expect(!space.contains(["m": .integer(2), "c": .text("u"), "a": .integer(1)]))
    #expect(!space.contains(["m": .integer(2)]))
    #expect(!space.contains(["m": .integer(3), "c": .text("u")]))
  }
}
