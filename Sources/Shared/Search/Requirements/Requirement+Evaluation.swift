// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Requirement {
  private enum Value {
    case number(Double)
    case text(String)
  }

  static func holds(_ rule: Rule, _ parameters: Parameters) -> Bool {
    switch rule {
    case .both(let left, let right): holds(left, parameters) && holds(right, parameters)
    case .either(let left, let right): holds(left, parameters) || holds(right, parameters)
    case .compare(let comparison, let left, let right):
      switch (value(left, parameters), value(right, parameters)) {
      case (.number(let first)?, .number(let second)?): holds(comparison, first, second)
      case (.text(let first)?, .text(let second)?): comparison == .equal ? first == second : first != second
      case (.some, .some): comparison == .different
      default: true
      }
    }
  }

  private static func holds(_ comparison: Comparison, _ left: Double, _ right: Double) -> Bool {
    switch comparison {
    case .atMost: left <= right
    case .atLeast: left >= right
    case .equal: left == right
    case .different: left != right && !left.isNaN && !right.isNaN
    case .below: left < right
    case .above: left > right
    }
  }

  /// `nil` where a parameter does not exist.
  private static func value(_ term: Term, _ parameters: Parameters) -> Value? {
    switch term {
    case .number(let number): return .number(number)
    case .text(let text): return .text(text)
    case .parameter(let learner, let name):
      if let learner, parameters["model"] != .text(learner) { return nil }
      switch parameters[name] {
      case .integer(let value)?: return .number(Double(value))
      case .real(let value)?: return .number(value)
      case .text(let value)?: return .text(value)
      case .flag(let value)?: return .text(value ? "true" : "false")
      case nil: return nil
      }
    case .negative(let inner):
      guard let value = value(inner, parameters) else { return nil }
      if case .number(let number) = value { return .number(-number) }
      return .number(.nan)
    case .operation(let operation, let left, let right):
      guard let first = value(left, parameters), let second = value(right, parameters) else { return nil }
      guard case .number(let x) = first, case .number(let y) = second else { return .number(.nan) }
      switch operation {
      case .add: return .number(x + y)
      case .subtract: return .number(x - y)
      case .multiply: return .number(x * y)
      case .divide: return .number(x / y)
      case .power: return .number(pow(x, y))
      }
    }
  }
}
