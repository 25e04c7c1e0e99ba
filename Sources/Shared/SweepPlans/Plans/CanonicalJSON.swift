// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search

/// JSON of which there is one text only: no blanks, keys ascending unless their order is part of the meaning.
indirect enum CanonicalJSON {
  case text(String)
  case integer(Int64)
  case real(Double)
  case flag(Bool)
  case value(ParameterValue)
  case list([CanonicalJSON])
  case object([String: CanonicalJSON])
  /// Parameters: a grid follows their order.
  case ordered([(String, CanonicalJSON)])

  var text: String {
    switch self {
    case .text(let text): jsonQuoted(text)
    case .integer(let value): String(value)
    case .real(let value): "\(value)"
    case .flag(let value): value ? "true" : "false"
    case .value(let value): value.json
    case .list(let items): "[" + items.map(\.text).joined(separator: ",") + "]"
    case .object(let entries): Self.object(entries.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    case .ordered(let entries): Self.object(entries)
    }
  }

  private static func object(_ entries: [(String, CanonicalJSON)]) -> String {
    "{" + entries.map { "\(jsonQuoted($0.0)):\($0.1.text)" }.joined(separator: ",") + "}"
  }
}

extension SearchSpace {
  var canonical: CanonicalJSON { .object(canonicalEntries) }

  fileprivate var canonicalEntries: [String: CanonicalJSON] {
    var entries: [String: CanonicalJSON] = [
      "params": .ordered(parameters.map { ($0.name, $0.distribution.canonical) })
    ]
    if !branches.isEmpty { entries["branches"] = .list(branches.map(\.canonical)) }
    if !requirements.isEmpty { entries["require"] = .list(requirements.map { .text($0.text) }) }
    return entries
  }
}

extension SearchSpace.Branch {
  fileprivate var canonical: CanonicalJSON {
    var entries = space.canonicalEntries
    let conditions = conditions.map { ($0.name, CanonicalJSON.list($0.values.map(CanonicalJSON.value))) }
    entries["if"] = .object(Dictionary(conditions) { first, _ in first })
    return .object(entries)
  }
}

extension Distribution {
  fileprivate var canonical: CanonicalJSON {
    switch self {
    case .real(let range):
      var entries: [String: CanonicalJSON] = ["float": .list([.real(range.low), .real(range.high)])]
      entries["log"] = .flag(range.isLog)
      entries["step"] = range.step.map(CanonicalJSON.real)
      entries["points"] = range.pointCount.map { .integer(Int64($0)) }
      return .object(entries)
    case .integer(let range):
      var entries: [String: CanonicalJSON] = ["int": .list([.integer(range.low), .integer(range.high)])]
      entries["log"] = .flag(range.isLog)
      entries["step"] = range.step == 1 ? nil : .integer(range.step)
      entries["points"] = range.pointCount.map { .integer(Int64($0)) }
      return .object(entries)
    case .choice(let choice):
      var entries: [String: CanonicalJSON] = [
        choice.isOrdered ? "ordinal" : "choice": .list(choice.values.map(CanonicalJSON.value))
      ]
      entries["weights"] = choice.weights.map { .list($0.map(CanonicalJSON.real)) }
      return .object(entries)
    case .fixed(let value): return .object(["value": .value(value)])
    }
  }
}
