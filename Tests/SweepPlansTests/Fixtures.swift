// SPDX-License-Identifier: Apache-2.0

import Foundation
import SweepPlans

enum Fixtures {
  static let root: URL = {
    var folder = URL(fileURLWithPath: #filePath)
    while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
      folder.deleteLastPathComponent()
    }
    return folder
  }()

  /// A complete, correct file; tests change one line of it.
  static let file = """
    apiVersion: sweep/v1
    kind: Sweep
    name: small
    task: readmission_30d
    data: {dataset: sets/readmission_30d}
    cv: {folds: 4, seed: 3}
    objective: {metric: valid/auroc}
    space:
      params:
        model: {choice: [booster, lstm]}
      branches:
        - if: {model: booster}
          params:
            trees: {int: [10, 100]}
            learning_rate: {float: [0.01, 0.5], log: true}
        - if: {model: lstm}
          params:
            decay: {choice: [log, none]}
    sampler: {kind: random, seed: 5}
    budget: {trials: 8}
    """

  /// `file` with `old` replaced; a test that replaces nothing would check nothing.
  static func file(_ old: String, _ new: String) -> String {
    precondition(file.contains(old), "the fixture has no \(old)")
    return file.replacing(old, with: new)
  }

  static func plan(_ text: String = file, overrides: [String] = []) throws(SweepPlanError) -> SweepPlan {
    try readSweepPlan(text: text, path: "small.yaml", overrides: overrides)
  }

  static func error(_ text: String, overrides: [String] = []) -> SweepPlanError? {
    do throws(SweepPlanError) {
      _ = try plan(text, overrides: overrides)
    } catch {
      return error
    }
    return nil
  }
}
