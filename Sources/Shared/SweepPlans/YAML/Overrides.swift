// SPDX-License-Identifier: Apache-2.0

/// `--set a.b[0].c=VALUE`: changes to the tree before it is read, as if the file had said so.
enum Overrides {
  private enum Step: Equatable {
    case key(String)
    case index(Int)
  }

  /// - Parameter override: `path=value`; the value is YAML, so `[1, 2]` and `{int: [1, 9]}` are welcome.
  /// - Throws: `.badOverride` for a path that is none or leads through a scalar; `.syntax` for the value.
  static func apply(_ override: String, to root: inout YAMLNode) throws(SweepPlanError) {
    guard let equals = override.firstIndex(of: "="), let steps = steps(override[..<equals]) else {
      throw SweepPlanError(
        .badOverride, "--set \(override): expected path=value",
        help: "write it as --set budget.trials=20 or --set 'space.branches[0].params.trees={int: [50, 200]}'")
    }
    // Blanks in place of the path: marks are then columns of the whole override.
    let offset = override[...equals].unicodeScalars.count
    let source = YAMLSource(name: "--set", text: override)
    let text = String(repeating: " ", count: offset) + override[override.index(after: equals)...]
    let value =
      text.allSatisfy { $0 == " " }
      ? YAMLNode(kind: .scalar("", isPlain: true), source: source, line: 1, column: offset + 1)
      : try YAMLReader.read(text, source: source)
    try set(value, at: steps[...], in: &root, override: override)
  }

  private static func set(
    _ value: YAMLNode, at steps: ArraySlice<Step>, in node: inout YAMLNode, override: String
  ) throws(SweepPlanError) {
    guard let first = steps.first else {
      node = value
      return
    }
    switch (first, node.kind) {
    case (.key(let name), .map(var pairs)):
      let position = pairs.firstIndex { $0.key.text == name }
      // A new key stands where the override stands.
      let key = YAMLNode(kind: .scalar(name, isPlain: true), source: value.source, line: 1, column: 1)
      let empty = YAMLNode(kind: .map([]), source: value.source, line: 1, column: 1)
      var child = position.map { pairs[$0].value } ?? empty
      if steps.count > 1, child.isNull { child = empty }
      try set(value, at: steps.dropFirst(), in: &child, override: override)
      if let position {
        pairs[position] = .init(key: key, value: child)
      } else {
        pairs.append(.init(key: key, value: child))
      }
      node.kind = .map(pairs)
    case (.index(let index), .list(var items)) where items.indices.contains(index):
      try set(value, at: steps.dropFirst(), in: &items[index], override: override)
      node.kind = .list(items)
    case (.index(let index), .list(let items)):
      throw SweepPlanError(.badOverride, "--set \(override): [\(index)] of a list of \(items.count)")
    case (.key(let name), _):
      throw SweepPlanError(.badOverride, "--set \(override): `\(name)` below \(node.kindText), which has no keys")
    case (.index(let index), _):
      throw SweepPlanError(.badOverride, "--set \(override): [\(index)] of \(node.kindText), which is no list")
    }
  }

  /// `a.b[0]` → a, b, 0; `nil` where a part is empty or no number stands in brackets.
  private static func steps(_ path: Substring) -> [Step]? {
    var steps: [Step] = []
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      guard let name = pieces.first, !name.isEmpty else { return nil }
      steps.append(.key(String(name)))
      for piece in pieces.dropFirst() {
        guard piece.hasSuffix("]"), let index = Int(piece.dropLast()), index >= 0 else { return nil }
        steps.append(.index(index))
      }
    }
    return steps
  }
}
