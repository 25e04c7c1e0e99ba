// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Testing

@Suite struct RequirementTests {
  private let trial: Parameters = [
    "model": .text("booster"), "leaves": .integer(31), "max_depth": .integer(5), "rate": .real(0.1),
  ]

  // Goal: precedence and association are arithmetic's own: -2 ** 2 is (-2)², as the grammar says, 2 ** 3 ** 2 is 2⁹.
  @Test(arguments: [
    ("leaves <= 2 ** max_depth", true), ("leaves > 2 ** max_depth", false), ("leaves == 31", true),
    ("1 + 2 * 3 == 7", true), ("(1 + 2) * 3 == 9", true), ("2 ** 3 ** 2 == 512", true), ("-2 ** 2 == 4", true),
    ("7 - 2 - 1 == 4", true), ("8 / 4 / 2 == 1", true), ("rate * 1e1 == 1", true), ("model == 'booster'", true),
    ("model != 'lstm' and leaves < 32", true), ("leaves > 99 or rate < 1", true), ("leaves > 99 or rate > 1", false),
    ("leaves > 99 and rate > 1 or rate == 0.1", true), ("0 / 0 == 0 / 0", false), ("rate != 0 / 0", false),
    ("model < 3", false), (".5 < 1.", true),
  ])
  func rule_isArithmetic(text: String, holds: Bool) throws {
    #expect(try Requirement(text).holds(in: trial) == holds)
  }

  // In real life: a rule about boosted trees must not forbid every LSTM.
  @Test func rule_saysNothingOfParametersThatDoNotExist() throws {
    let lstm: Parameters = ["model": .text("lstm"), "rate": .real(0.5)]
    #expect(try Requirement("leaves <= 3").holds(in: lstm))
    #expect(try Requirement("booster.rate < 0.2").holds(in: lstm))
    #expect(try !Requirement("rate < 0.2").holds(in: lstm))
  }

  @Test(arguments: [
    ("", 0), ("leaves", 6), ("leaves <=", 9), ("leaves <= 3 4", 12), ("(leaves <= 3", 8), ("leaves <= 'x", 12),
    ("leaves <= 3 and", 15), ("booster. <= 3", 8), ("leaves & 3", 7), ("1e999 < leaves", 0), ("__import__('os')", 10),
  ])
  func noRule_isRefusedAtItsPlace(text: String, offset: Int) {
    let error = #expect(throws: RequirementError.self) { try Requirement(text) }
    #expect(error?.offset == offset, "\(String(describing: error))")
  }

  // In real life: a file from a stranger must not use up the stack.
  @Test func deepNesting_isRefused() {
    let deep = String(repeating: "(", count: 100_000) + "1"
    #expect(throws: RequirementError.self) { try Requirement(deep) }
    #expect(throws: RequirementError.self) { try Requirement(String(repeating: "-", count: 100_000) + "1 < 2") }
  }
}
