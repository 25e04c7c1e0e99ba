// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Reporting
import Tracking

extension TrackedThing: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "All about a sweep, or about one of its trials.",
    discussion: """
      Examples:
        muster tracker show demo
        muster tracker show demo#4 --json
      --csv prints a sweep's trials, or a trial's folds.
      """)

  @Argument(help: ArgumentHelp("A sweep's name, or NAME#NUMBER for a trial.", valueName: "sweep[#trial]"))
  var thing: TrackedThing

  @OptionGroup var tracker: TrackerOptions
  @OptionGroup var options: ConsoleOptions

  private struct Section {
    let title: String
    let key: String
    let table: SQLTable
    var hidden: Set<String> = ["sweep"]
  }

  func run() throws {
    let reader = try tracker.reader()
    let sections = try asCommand { () throws -> [Section] in
      let sweep = try reader.sweep(named: thing.sweep)
      return thing.trial == nil ? try self.sections(of: sweep, reader) : try trialSections(reader)
    }
    if tracker.csv {
      let listed = try asCommand {
        thing.trial == nil
          ? try reader.rows(of: "trials", thing, order: "trial")
          : try reader.rows(of: "fold_results", thing, order: "fold, rung")
      }
      return options.console.print(csv: listed)
    }
    if tracker.json {
      let entries = sections.map { ($0.key, $0.table.json) }
      return options.console.print(
        JSONText.object([("schema", .text("muster.show/v1")), ("name", .text(thing.description))] + entries).description
      )
    }
    for section in sections where !section.table.rows.isEmpty {
      options.console.print(options.console.bold(section.title))
      if section.table.rows.count == 1, section.table.columns.count > 6 {
        facts(section)
      } else {
        show(section.table.shown(without: section.hidden), options.console)
      }
      options.console.print("")
    }
  }

  private func facts(_ section: Section) {
    let width = section.table.columns.map(\.count).max() ?? 0
    for (name, value) in zip(section.table.columns, section.table.rows[0])
    where value != .null && !name.hasSuffix("_id") {
      let padding = String(repeating: " ", count: width - name.count)
      options.console.print("  \(name)\(padding)  \(value.text)")
    }
  }

  private func sections(of sweep: SweepSummary, _ reader: TrackerReader) throws -> [Section] {
    [
      Section(title: "Sweep", key: "sweep", table: try reader.sweepsTable(named: sweep.name)),
      Section(title: "Learners", key: "learners", table: try reader.learners(of: sweep)),
      Section(
        title: "Best", key: "best", table: try reader.rows(of: "leaderboard", thing, order: "rank, trial", limit: 5),
        hidden: ["sweep", "metric", "params"]),
      Section(title: "Tags", key: "tags", table: try reader.rows(of: "tags", thing, order: "trial, name")),
      Section(title: "Notes", key: "notes", table: try reader.rows(of: "notes", thing, order: "at")),
    ]
  }

  private func trialSections(_ reader: TrackerReader) throws -> [Section] {
    let trial = try reader.rows(of: "trials", thing, order: "trial")
    guard !trial.rows.isEmpty else {
      throw CommandFailure(
        .nothingFound, "no trial \(thing)", help: "muster tracker trials \(thing.sweep) --tracker \(reader.path)")
    }
    return [
      Section(title: "Trial", key: "trial", table: trial),
      Section(
        title: "Metrics", key: "metrics", table: try reader.rows(of: "trial_metrics", thing, order: "metric"),
        hidden: ["sweep", "trial", "learner"]),
      Section(
        title: "Folds", key: "folds", table: try reader.rows(of: "fold_results", thing, order: "fold, rung"),
        hidden: ["sweep", "trial", "learner", "recorded"]),
      Section(
        title: "Attempts", key: "attempts",
        table: try reader.rows(of: "attempts", thing, order: "started_ms, attempt_id"),
        hidden: [
          "sweep", "trial", "learner", "started_ms", "ended_ms", "epoch", "number", "rss_peak_mib", "cpu_seconds",
        ]),
      Section(
        title: "Lineage", key: "lineage", table: try reader.rows(of: "lineage", thing, order: "fold, rung, artifact"),
        hidden: [
          "sweep", "trial", "seed", "cv_scheme", "n_folds", "n_repeats", "cv_seed", "spec_sha256", "dataset_sha256",
          "artifact_sha256",
        ]),
      Section(title: "Tags", key: "tags", table: try reader.rows(of: "tags", thing, order: "name")),
      Section(title: "Notes", key: "notes", table: try reader.rows(of: "notes", thing, order: "at")),
    ]
  }
}
