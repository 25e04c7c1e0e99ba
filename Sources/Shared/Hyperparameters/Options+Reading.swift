// SPDX-License-Identifier: Apache-2.0

/// Reads typed options out of resolved parameters. The keys are there and of the right kind: `Learner.resolve` saw to it.
extension Parameters {
  func integer(_ name: String) -> Int {
    guard case .integer(let value)? = self[name] else { preconditionFailure("\(name) is no integer in \(json)") }
    return Int(value)
  }

  func real(_ name: String) -> Double {
    guard let value = self[name]?.number else { preconditionFailure("\(name) is no number in \(json)") }
    return value
  }

  func text(_ name: String) -> String {
    guard case .text(let value)? = self[name] else { preconditionFailure("\(name) is no text in \(json)") }
    return value
  }

  func columns(_ name: String, isSigned: Bool) -> ColumnList {
    guard let list = ColumnList(text(name), isSigned: isSigned) else {
      preconditionFailure("\(name) is no list of columns in \(json)")
    }
    return list
  }

  func flag(_ name: String) -> Bool {
    guard case .flag(let value)? = self[name] else { preconditionFailure("\(name) is no flag in \(json)") }
    return value
  }
}
