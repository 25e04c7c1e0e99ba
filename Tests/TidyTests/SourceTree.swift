// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The repository's own text files, read once for all house rules.
struct SourceTree {
  struct File {
    /// Relative to the repository's root.
    let path: String
    let lines: [String]

    var isGenerated: Bool { path.hasSuffix(".pb.swift") }
    /// "Boosters" for Sources/Shared/Boosters/Trees/Tree.swift, "Coordinator" for Sources/Coordinator/….
    var module: String? {
      let parts = path.split(separator: "/").map(String.init)
      guard parts.count > 2, parts[0] == "Sources" else { return nil }
      return parts[1] == "Shared" ? parts[2] : parts[1]
    }
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let swift = files(under: ["Sources", "Tests"], suffix: ".swift")
  static let markdown = files(under: ["docs", "configs", "data", "cluster"], suffix: ".md") + files(at: ["README.md"])

  static func files(under folders: [String], suffix: String) -> [File] {
    let paths = folders.flatMap { folder -> [String] in
      let found = FileManager.default.subpaths(atPath: root.appendingPathComponent(folder).path) ?? []
      return found.filter { $0.hasSuffix(suffix) }.map { folder + "/" + $0 }
    }
    return files(at: paths.sorted())
  }

  private static func files(at paths: [String]) -> [File] {
    paths.compactMap { path in
      guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) else { return nil }
      return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }
  }

  /// The modules that a file imports.
  static func imports(of file: File) -> [String] {
    file.lines.compactMap { line in
      var words = line.split(separator: " ").map(String.init)[...]
      while let first = words.first, ["package", "public", "internal", "private", "@testable"].contains(first) {
        words = words.dropFirst()
      }
      guard words.first == "import", words.count > 1 else { return nil }
      // `import struct Foundation.URL` names the module before the dot.
      return words.last?.split(separator: ".").first.map(String.init)
    }
  }
}
