// SPDX-License-Identifier: Apache-2.0

import Foundation
import Gzip
import Testing

/// A folder of hand-made tables, gone when its test ends.
final class TableFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "muster-cohorts-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    if name.hasSuffix(".gz") {
      let writer = try GzipWriter(path: "\(path)/\(name)")
      let bytes = Array(text.utf8)
      try bytes.withUnsafeBytes { try writer.write($0) }
      try writer.close()
    } else {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
  }
}

/// The open MIMIC-III demo beside the repository, where there is one.
enum Demo {
  static let path: String? = {
    var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let isRoot = FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path)
      let demo = folder.deletingLastPathComponent().appendingPathComponent("shared/mimic-iii-demo")
      if isRoot, FileManager.default.fileExists(atPath: demo.path) { return demo.path }
    }
    return nil
  }()
}
