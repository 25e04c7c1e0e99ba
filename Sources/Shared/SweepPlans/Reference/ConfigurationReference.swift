// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps

/// `docs/Configuration.md`: every key of the sweep file and of every learner, from the tables that the reader itself uses.
package func configurationReference() -> String {
  ([introduction] + FileSection.all.map(section) + [metrics] + ["## Learners\n"] + Learner.allCases.map(learner))
    .joined(separator: "\n")
}

private let introduction = """
  # Configuration

  Written by `configurationReference()` in `Sources/Shared/SweepPlans/Reference`; a test keeps it current.

  A sweep file is YAML 1.2 (so JSON too). Every key is listed here; any other is an error that names file, line and the
  nearest key. `--set path=value` changes a key for one run: `--set budget.trials=20`,
  `--set 'space.branches[0].params.trees={int: [50, 200]}'`. A duration is a number with `ms`, `s`, `m`, `h` or `d`.
  Examples are in `configs/sweeps`.

  ## The sweep file

  """

private func section(_ section: FileSection) -> String {
  let title = section.name.isEmpty ? "Top level" : "`\(section.name)`"
  let rows = section.keys.map { [code($0.name), $0.type, $0.standard ?? "**required**", $0.doc] }
  let later =
    section.later.isEmpty ? "" : "\nNot supported yet: \(section.later.map(code).joined(separator: ", ")).\n"
  return "### \(title)\n\n" + table(["key", "takes", "default", "meaning"], rows) + later
}

private var metrics: String {
  let rows = ObjectiveKind.allCases.flatMap { kind in
    let tasks = Outcome.allCases.filter { $0.objective == kind }.map { code($0.rawValue) }.joined(separator: ", ")
    return Metric.all(for: kind).map { [code($0.name), $0.direction.rawValue, tasks, $0.doc] }
  }
  return "### Metrics\n\n" + table(["metric", "direction", "tasks", "meaning"], rows)
}

private func learner(_ learner: Learner) -> String {
  let rows = learner.specifications.map {
    [code($0.name), $0.domainText, code($0.standard == .text("") ? "\"\"" : $0.standard.description), $0.unit, $0.doc]
  }
  return "### `model: \(learner.rawValue)`\n\n" + table(["key", "takes", "default", "unit", "meaning"], rows)
}

private func code(_ text: String) -> String { "`\(text)`" }

private func table(_ head: [String], _ rows: [[String]]) -> String {
  let lines = [head, head.map { _ in "---" }] + rows
  return lines.map { "| " + $0.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n" }.joined()
}
