// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// What a proposal must meet besides its ranges, such as `leaves <= 2 ** max_depth`: arithmetic over parameters, read
/// into a tree and never executed as code.
///
///     rule       = comparison { ("and" | "or") comparison }        "and" binds tighter
///     comparison = sum ("<=" | "<" | ">=" | ">" | "==" | "!=") sum
///     sum        = product { ("+" | "-") product }
///     product    = power { ("*" | "/") power }
///     power      = unary [ "**" power ]
///     unary      = "-" unary | number | name | "'" text "'" | "(" sum ")"
///     name       = [ learner "." ] parameter
///
/// A comparison holds where one of its parameters does not exist: it says nothing of other branches. `learner.name` asks,
/// besides, that the trial's model is that learner. A comparison of numbers with NaN in it, as 0/0, does not hold.
package struct Requirement: Hashable, Sendable {
  package let text: String
  let rule: Rule
  /// Every name in it, in order, without its learner.
  package let names: [String]
  /// Learners named before a dot.
  package let learners: [String]

  indirect enum Rule: Hashable, Sendable {
    case compare(Comparison, Term, Term)
    case both(Rule, Rule)
    case either(Rule, Rule)
  }

  enum Comparison: String, CaseIterable, Hashable, Sendable {
    // Longer ones first: the reader takes the first that fits.
    case atMost = "<="
    case atLeast = ">="
    case equal = "=="
    case different = "!="
    case below = "<"
    case above = ">"
  }

  indirect enum Term: Hashable, Sendable {
    case number(Double)
    case text(String)
    case parameter(learner: String?, name: String)
    case negative(Term)
    case operation(Operation, Term, Term)
  }

  enum Operation: Character, Hashable, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case power = "^"
  }

  /// - Throws: `RequirementError` with the place of what could not be read.
  package init(_ text: String) throws(RequirementError) {
    var reader = RequirementReader(text)
    self.text = text
    rule = try reader.readRule()
    names = reader.names
    learners = reader.learners
  }

  package func holds(in parameters: Parameters) -> Bool { Self.holds(rule, parameters) }
}

/// A rule that could not be read.
package struct RequirementError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Unicode scalars before the fault.
  package let offset: Int
  package let expected: String
  package let found: String

  package var description: String { "expected \(expected), found \(found)" }
}
