// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads and checks a sweep file, and the overrides on top of it, before anything runs.
///
/// - Parameters:
///   - path: the file; errors name it as it is given here.
///   - overrides: `path=value`, as `--set` takes them; applied in order.
/// - Throws: the first error, with its place.
package func readSweepPlan(path: String, overrides: [String] = []) throws(SweepPlanError) -> SweepPlan {
  let data: Data
  var isDirectory: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else {
    throw SweepPlanError(
      .fileMissing, isDirectory.boolValue ? "\(path) is a folder, not a sweep file" : "there is no sweep file \(path)",
      help: "configs/sweeps has examples to start from")
  }
  do {
    data = try Data(contentsOf: URL(fileURLWithPath: path))
  } catch {
    throw SweepPlanError(.fileUnreadable, "\(path): cannot be read: \(error.localizedDescription)")
  }
  guard let text = String(validating: data, as: UTF8.self) else {
    throw SweepPlanError(.fileUnreadable, "\(path): expected UTF-8 text")
  }
  return try readSweepPlan(text: text, path: path, overrides: overrides)
}

/// Reads a sweep file's text. YAML 1.2, of which JSON is a part.
///
/// - Parameter path: how errors name the text.
package func readSweepPlan(
  text: String, path: String, overrides: [String] = []
) throws(SweepPlanError) -> SweepPlan {
  var root = try YAMLReader.read(text, source: YAMLSource(name: path, text: text))
  for override in overrides { try Overrides.apply(override, to: &root) }
  return try PlanReader.read(root)
}
