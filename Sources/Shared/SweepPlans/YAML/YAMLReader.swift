// SPDX-License-Identifier: Apache-2.0

import Yams

/// Text → tree, through libyaml.
enum YAMLReader {
  /// Far above any sweep file; below what would make a nest of aliases grow without end.
  static let nodeCountMax = 100_000
  static let byteCountMax = 1 << 20

  /// - Throws: `.syntax`, `.duplicateKey`.
  static func read(_ text: String, source: YAMLSource) throws(SweepPlanError) -> YAMLNode {
    guard text.utf8.count <= byteCountMax else {
      throw SweepPlanError(.syntax, "\(source.name): larger than \(byteCountMax) bytes, which is no sweep file")
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: text, .basic, .default, .utf8)
    } catch let error as YamlError {
      throw syntaxError(error, source: source)
    } catch {
      throw SweepPlanError(.syntax, "\(source.name): \(error)")
    }
    guard let root else {
      throw SweepPlanError(
        .syntax, "\(source.name) is empty",
        help: "docs/Configuration.md shows a sweep file; configs/sweeps has examples")
    }
    var nodeCount = 0
    return try convert(root, source: source, &nodeCount)
  }

  private static func convert(
    _ node: Node, source: YAMLSource, _ nodeCount: inout Int
  ) throws(SweepPlanError) -> YAMLNode {
    nodeCount += 1
    guard nodeCount <= nodeCountMax else {
      throw SweepPlanError(.syntax, "\(source.name): more than \(nodeCountMax) values once its aliases are written out")
    }
    let kind: YAMLNode.Kind
    switch node {
    case .scalar(let scalar): kind = .scalar(scalar.string, isPlain: scalar.style == .plain)
    case .alias: kind = .scalar("", isPlain: true)
    case .sequence(let items):
      var list: [YAMLNode] = []
      for item in items { list.append(try convert(item, source: source, &nodeCount)) }
      kind = .list(list)
    case .mapping(let mapping):
      var pairs: [YAMLNode.Pair] = []
      for (key, value) in mapping {
        let key = try convert(key, source: source, &nodeCount)
        pairs.append(.init(key: key, value: try convert(value, source: source, &nodeCount)))
      }
      kind = .map(pairs)
    }
    return YAMLNode(kind: kind, source: source, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  private static func syntaxError(_ error: YamlError, source: YAMLSource) -> SweepPlanError {
    func at(_ mark: Mark) -> SweepPlanError.Place {
      .init(source: source.name, line: mark.line, column: mark.column, width: 1, text: source.line(mark.line))
    }
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let whole = [context?.text, problem].compactMap(\.self).joined(separator: ", ")
      return SweepPlanError(.syntax, "not YAML: \(whole)", at: at(mark))
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.map { "`\($0)`" }.joined(separator: ", ")
      return SweepPlanError(
        .duplicateKey, "key \(names) is there twice in one mapping", at: at(context.mark),
        note: "first here: keep one of them")
    case .reader(let problem, _, _, _): return SweepPlanError(.syntax, "\(source.name): not YAML: \(problem)")
    default: return SweepPlanError(.syntax, "\(source.name): not YAML: \(error)")
    }
  }
}
