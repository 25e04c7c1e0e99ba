// SPDX-License-Identifier: Apache-2.0

/// Reads the grammar of `Requirement` by recursive descent.
struct RequirementReader {
  private let text: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private(set) var names: [String] = []
  private(set) var learners: [String] = []
  /// A file must not be able to use up the stack.
  private static let depthMax = 64

  init(_ text: String) { self.text = Array(text.unicodeScalars) }

  mutating func readRule() throws(RequirementError) -> Requirement.Rule {
    var rule = try readConjunction()
    while takeWord("or") { rule = .either(rule, try readConjunction()) }
    skipBlanks()
    guard position == text.count else { throw fault("the end, `and` or `or`") }
    return rule
  }

  private mutating func readConjunction() throws(RequirementError) -> Requirement.Rule {
    var rule = try readComparison()
    while takeWord("and") { rule = .both(rule, try readComparison()) }
    return rule
  }

  private mutating func readComparison() throws(RequirementError) -> Requirement.Rule {
    let left = try readSum()
    skipBlanks()
    for comparison in Requirement.Comparison.allCases where take(comparison.rawValue) {
      return .compare(comparison, left, try readSum())
    }
    throw fault("one of <= < >= > == !=")
  }

  private mutating func readSum() throws(RequirementError) -> Requirement.Term {
    var term = try readProduct()
    while true {
      if take("+") {
        term = .operation(.add, term, try readProduct())
      } else if take("-") {
        term = .operation(.subtract, term, try readProduct())
      } else {
        return term
      }
    }
  }

  private mutating func readProduct() throws(RequirementError) -> Requirement.Term {
    var term = try readPower()
    while true {
      if take("*") {
        term = .operation(.multiply, term, try readPower())
      } else if take("/") {
        term = .operation(.divide, term, try readPower())
      } else {
        return term
      }
    }
  }

  private mutating func readPower() throws(RequirementError) -> Requirement.Term {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthMax else { throw fault("at most \(Self.depthMax) levels") }
    let base = try readUnary()
    return take("**") ? .operation(.power, base, try readPower()) : base
  }

  private mutating func readUnary() throws(RequirementError) -> Requirement.Term {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthMax else { throw fault("at most \(Self.depthMax) levels") }
    skipBlanks()
    if take("-") { return .negative(try readUnary()) }
    if take("(") {
      let inner = try readSum()
      guard take(")") else { throw fault("`)`") }
      return inner
    }
    if take("'") { return .text(try readText()) }
    guard position < text.count else { throw fault("a number or a parameter") }
    if isDigit(text[position]) || text[position] == "." { return .number(try readNumber()) }
    guard let first = readName() else { throw fault("a number or a parameter") }
    guard position < text.count, text[position] == "." else {
      names.append(first)
      return .parameter(learner: nil, name: first)
    }
    position += 1
    guard let name = readName() else { throw fault("a parameter's name") }
    learners.append(first)
    names.append(name)
    return .parameter(learner: first, name: name)
  }

  private mutating func readText() throws(RequirementError) -> String {
    let start = position
    while position < text.count, text[position] != "'" { position += 1 }
    guard position < text.count else { throw fault("a closing '") }
    defer { position += 1 }
    return string(text[start..<position])
  }

  private mutating func readNumber() throws(RequirementError) -> Double {
    let start = position
    while position < text.count {
      let scalar = text[position]
      let isSign = (scalar == "-" || scalar == "+") && (text[position - 1] == "e" || text[position - 1] == "E")
      guard isDigit(scalar) || scalar == "." || scalar == "e" || scalar == "E" || (position > start && isSign) else {
        break
      }
      position += 1
    }
    let digits = string(text[start..<position])
    let padded = (digits.hasPrefix(".") ? "0" : "") + digits + (digits.hasSuffix(".") ? "0" : "")
    guard let number = Double(padded), number.isFinite else {
      position = start
      throw fault("a number")
    }
    return number
  }

  private mutating func readName() -> String? {
    let start = position
    while position < text.count, isLetter(text[position]) || (position > start && isDigit(text[position])) {
      position += 1
    }
    return position == start ? nil : string(text[start..<position])
  }

  private mutating func takeWord(_ word: String) -> Bool {
    let start = position
    skipBlanks()
    if readName() == word { return true }
    position = start
    return false
  }

  private mutating func take(_ token: String) -> Bool {
    skipBlanks()
    let scalars = Array(token.unicodeScalars)
    guard position + scalars.count <= text.count, Array(text[position..<(position + scalars.count)]) == scalars else {
      return false
    }
    // `*` must not eat half of `**`.
    if token == "*", position + 1 < text.count, text[position + 1] == "*" { return false }
    position += scalars.count
    return true
  }

  private mutating func skipBlanks() { while position < text.count, text[position] == " " { position += 1 } }

  private func fault(_ expected: String) -> RequirementError {
    let found = position < text.count ? "`\(string(text[position...].prefix(12)))`" : "the end"
    return RequirementError(offset: position, expected: expected, found: found)
  }

  private func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var result = ""
    result.unicodeScalars.append(contentsOf: scalars)
    return result
  }

  private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
  }
}
