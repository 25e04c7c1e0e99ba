// SPDX-License-Identifier: Apache-2.0

/// The Charlson conditions found among a set of ICD-9-CM codes.
package struct CharlsonConditions: Hashable, Sendable {
  private var bits: UInt32 = 0

  package init() {}

  /// - Parameter code: upper case, as MIMIC writes it: no dot ("4280" is 428.0), leading zeros kept.
  package mutating func add(code: String) {
    for rule in Self.rules where code.utf8.count >= rule.length {
      let prefix = code.prefix(rule.length)
      if prefix >= rule.from, prefix <= rule.to { bits |= 1 << UInt32(rule.condition.rawValue) }
    }
  }

  package mutating func formUnion(_ other: CharlsonConditions) { bits |= other.bits }

  package func contains(_ condition: CharlsonCondition) -> Bool { bits & (1 << UInt32(condition.rawValue)) != 0 }

  /// The index of 1987: the severe form of a condition counts in place of its mild one.
  package var score: Int { scored.reduce(0) { $0 + $1.weight } }

  /// As LACE counts comorbidity: its own weights, and 4 points and more are 5.
  package var laceScore: Int {
    let points = scored.reduce(0) { $0 + $1.laceWeight }
    return points >= 4 ? 5 : points
  }

  private var scored: [CharlsonCondition] {
    CharlsonCondition.allCases.filter { condition in
      switch condition {
      case .diabetes: contains(.diabetes) && !contains(.diabetesComplicated)
      case .liverMild: contains(.liverMild) && !contains(.liverSevere)
      case .malignancy: contains(.malignancy) && !contains(.metastasis)
      default: contains(condition)
      }
    }
  }

  private struct Rule {
    let condition: CharlsonCondition
    let from: Substring
    let to: Substring
    var length: Int { from.utf8.count }
  }

  private static let rules: [Rule] = CharlsonCondition.allCases.flatMap { condition in
    condition.codes.map { Rule(condition: condition, from: $0.from[...], to: $0.to[...]) }
  }
}
