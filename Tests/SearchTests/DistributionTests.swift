// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Testing

@Suite struct DistributionTests {
  private func values(_ distribution: Distribution) -> [ParameterValue] {
    (0..<(distribution.valueCount ?? 0)).map { distribution.value(at: $0) }
  }

  // In real life: `{float: [0.1, 0.4], step: 0.1}` must name 0.3, which 0.1 + 2·0.1 is not.
  @Test func steppedReal_isWrittenAsAPersonWould() throws {
    let range = Distribution.real(try RealRange(0.1, 0.4, step: 0.1))
    #expect(values(range) == [.real(0.1), .real(0.2), .real(0.3), .real(0.4)])
    let fine = Distribution.real(try RealRange(0, 0.6, step: 0.05))
    #expect(
      values(fine).map(\.json).joined(separator: " ") == "0.0 0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4 0.45 0.5 0.55 0.6")
    let tiny = Distribution.real(try RealRange(1e-5, 5e-5, step: 1e-5))
    #expect(values(tiny) == [.real(1e-5), .real(2e-5), .real(3e-5), .real(4e-5), .real(5e-5)])
  }

  @Test func logPoints_areDecades() throws {
    let range = Distribution.real(try RealRange(1e-4, 10, log: true, points: 6))
    #expect(values(range) == [.real(1e-4), .real(1e-3), .real(0.01), .real(0.1), .real(1), .real(10)])
  }

  @Test func integerPoints_roundAndCountOnce() throws {
    let log = Distribution.integer(try IntegerRange(1, 256, log: true, points: 5))
    #expect(values(log) == [1, 4, 16, 64, 256].map { .integer($0) })
    let crowded = Distribution.integer(try IntegerRange(1, 3, points: 9))
    #expect(values(crowded) == [1, 2, 3].map { .integer($0) })
  }

  @Test func wrongRanges_areRefused() throws {
    func part(_ make: () throws -> Void) -> SearchError.Part? {
      do { try make() } catch { return (error as? SearchError)?.part }
      return nil
    }
    #expect(part { _ = try RealRange(2, 1) } == .range)
    #expect(part { _ = try RealRange(.nan, 1) } == .range)
    #expect(part { _ = try RealRange(-.greatestFiniteMagnitude, .greatestFiniteMagnitude) } == .range)
    #expect(part { _ = try RealRange(0, 1, log: true) } == .log)
    #expect(part { _ = try RealRange(0.1, 1, log: true, step: 0.1) } == .step)
    #expect(part { _ = try RealRange(0, 1, step: 0.3) } == .step)
    #expect(part { _ = try RealRange(0, 1, step: 1e-9) } == .step)
    #expect(part { _ = try RealRange(0, 1, step: -0.5) } == .step)
    #expect(part { _ = try RealRange(0, 1, step: 0.5, points: 3) } == .points)
    #expect(part { _ = try RealRange(0, 1, points: 1) } == .points)
    #expect(part { _ = try RealRange(1, 1, points: 2) } == .points)
    #expect(part { _ = try IntegerRange(2, 1) } == .range)
    #expect(part { _ = try IntegerRange(.min, .max) } == .range)
    #expect(part { _ = try IntegerRange(0, 1, log: true) } == .log)
    #expect(part { _ = try IntegerRange(0, 10, step: 3) } == .step)
    #expect(part { _ = try Choice([]) } == .choice)
    #expect(part { _ = try Choice([.integer(1), .integer(1)]) } == .choice)
    #expect(part { _ = try Choice([.integer(1)], weights: [1, 2]) } == .weights)
    #expect(part { _ = try Choice([.integer(1)], weights: [0]) } == .weights)
    #expect(part { _ = try Choice([.integer(1), .integer(2)], weights: [-1, 2]) } == .weights)
  }

  @Test func error_namesWhatWasExpected() {
    #expect(throws: SearchError(.range, expected: "[low, high] with low ≤ high", found: "[3, 1]")) {
      try IntegerRange(3, 1)
    }
    let grid = SearchError(.grid, parameter: "lr", expected: "a step", found: "real 0…1")
    #expect(grid.description == "parameter `lr`, grid: expected a step, found real 0…1")
  }

  @Test func descriptions_areForPeople() throws {
    #expect(Distribution.real(try RealRange(0.01, 1, log: true)).description == "real 0.01…1, log")
    #expect(Distribution.integer(try IntegerRange(2, 8, step: 2)).description == "integer 2…8, step 2")
    let choice = try Choice([.text("log"), .integer(3)], weights: [2, 0.5])
    #expect(Distribution.choice(choice).description == "one of log, 3 with weights 2, 0.5")
    #expect(Distribution.fixed(.integer(20)).description == "fixed 20")
  }
}
