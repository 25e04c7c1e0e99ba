// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Testing

@Suite struct ParametersTests {
  @Test func parameters_sortByName_whateverTheOrderGiven() {
    let one: Parameters = ["b": .integer(2), "a": .real(1)]
    let other: Parameters = ["a": .real(1), "b": .integer(2)]
    #expect(one == other)
    #expect(one.json == #"{"a":1.0,"b":2}"#)
  }

  @Test func subscript_setsReplacesAndRemoves() {
    var parameters: Parameters = ["m": .integer(1)]
    parameters["z"] = .flag(true)
    parameters["a"] = .text("x\"y")
    parameters["m"] = .integer(3)
    #expect(parameters.json == #"{"a":"x\"y","m":3,"z":true}"#)
    parameters["m"] = nil
    parameters["none"] = nil
    #expect(parameters["m"] == nil)
    #expect(parameters.entries.count == 2)
  }
}

@Suite struct LearnerTests {
  /// Every default lies in its own domain, and every option type can be made from nothing.
  @Test(arguments: Learner.allCases)
  func defaults_areValid(learner: Learner) throws {
    for specification in learner.specifications {
      #expect(try specification.check(specification.standard) == specification.standard, "\(specification.name)")
      #expect(!specification.doc.isEmpty)
    }
    #expect(Set(learner.specifications.map(\.name)).count == learner.specifications.count)
    _ = try (BoosterOptions(), LSTMOptions(), LinearOptions())
  }

  @Test func integer_isWelcomeWhereARealIsAskedFor() throws {
    #expect(try BoosterOptions(["learning_rate": .integer(1)]).learningRate == 1)
  }

  @Test func unknownKey_listsTheKnownOnes() {
    #expect { try Learner.linear.resolve(["C": .real(1)]) } throws: { error in
      let text = "\(error)"
      return text.contains("`C`") && text.contains("l1, l2, iterations, tolerance, positive_weight")
    }
  }

  @Test(arguments: [
    ("leaves", ParameterValue.integer(1)), ("leaves", .real(31)), ("l2", .real(-1)), ("l2", .text("1")),
  ])
  func valueOutsideItsDomain_isRefused(name: String, value: ParameterValue) {
    #expect(throws: ParameterError.self) { try BoosterOptions(Parameters([.init(name: name, value: value)])) }
  }
}
