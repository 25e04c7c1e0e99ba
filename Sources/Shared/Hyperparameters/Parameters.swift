// SPDX-License-Identifier: Apache-2.0

/// The hyperparameters of one trial: names and values, always in ascending order of name.
///
/// An array and not a dictionary, so that no order but the name's can ever reach a digest, a file or a row.
package struct Parameters: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    package let name: String
    package let value: ParameterValue

    package init(name: String, value: ParameterValue) {
      self.name = name
      self.value = value
    }
  }

  package private(set) var entries: [Entry] = []

  package init() {}

  /// The last of two entries with the same name wins.
  package init(_ entries: [Entry]) {
    for entry in entries { self[entry.name] = entry.value }
  }

  package subscript(name: String) -> ParameterValue? {
    get { entries.first { $0.name == name }?.value }
    set {
      let position = entries.firstIndex { $0.name >= name } ?? entries.endIndex
      let isHere = position < entries.endIndex && entries[position].name == name
      switch (newValue, isHere) {
      case (let value?, true): entries[position] = Entry(name: name, value: value)
      case (let value?, false): entries.insert(Entry(name: name, value: value), at: position)
      case (nil, true): entries.remove(at: position)
      case (nil, false): break
      }
    }
  }

  /// Canonical JSON object: ascending names, no blanks. The digest of a trial's parameters is taken of these bytes.
  package var json: String {
    "{" + entries.map { "\(jsonQuoted($0.name)):\($0.value.json)" }.joined(separator: ",") + "}"
  }
}

extension Parameters: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, ParameterValue)...) {
    self.init(elements.map { Entry(name: $0.0, value: $0.1) })
  }
}
