// SPDX-License-Identifier: Apache-2.0

/// Some columns of a data set (or of its further labels) by their names, as a hyperparameter gives them: `age gcs_*`, or with a sign
/// before each, `+age -gcs_min`. A `*` at the end stands for any rest of a name. Words are parted by blanks or commas.
package struct ColumnList: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    /// +1 or −1; 0 in a list without signs.
    package let sign: Int8
    /// A name, or its beginning and `*`.
    package let pattern: String

    package func fits(_ name: String) -> Bool {
      pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
    }
  }

  package let entries: [Entry]

  package var isEmpty: Bool { entries.isEmpty }

  /// nil where a word has no sign though each needs one, or has one and must not, or is nothing but a sign.
  package init?(_ text: String, isSigned: Bool) {
    var entries: [Entry] = []
    for word in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
      let sign: Int8 = word.hasPrefix("+") ? 1 : word.hasPrefix("-") ? -1 : 0
      guard isSigned == (sign != 0) else { return nil }
      let pattern = String(isSigned ? word.dropFirst() : word)
      guard !pattern.isEmpty else { return nil }
      entries.append(Entry(sign: sign, pattern: pattern))
    }
    self.entries = entries
  }

  /// For each of `names` its sign, or 1 in a list without signs; 0 where it is not in the list.
  ///
  /// - Parameter kind: what the names are, for the message.
  /// - Throws: for a word that fits no name, and for a name with both signs.
  package func signs(
    of names: [String], parameter: String, kind: String = "columns of the data set"
  ) throws(ParameterError) -> [Int8] {
    var signs = [Int8](repeating: 0, count: names.count)
    for entry in entries {
      var isThere = false
      for (index, name) in names.enumerated() where entry.fits(name) {
        isThere = true
        let sign = entry.sign == 0 ? 1 : entry.sign
        guard signs[index] == 0 || signs[index] == sign else {
          throw ParameterError(name: parameter, expected: "one sign for column \(name)", found: "both")
        }
        signs[index] = sign
      }
      guard isThere else {
        throw ParameterError(name: parameter, expected: kind, found: jsonQuoted(entry.pattern))
      }
    }
    return signs
  }
}
