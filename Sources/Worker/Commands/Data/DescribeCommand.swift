// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Features
import Foundation
import Reporting
import Shards

struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Cohort flow, labels, missing values, distributions, groups; counts under 11 are hidden.",
    discussion: "Example: muster data describe datasets/readmission_30d --html readmission.html")

  @Argument(help: ArgumentHelp("The data set's folder.", valueName: "dir"))
  var directory: String

  @Option(help: ArgumentHelp("Write a page with plots there.", valueName: "file"))
  var html: String?

  func run() throws {
    let console = Console()
    let dataset = try asDataFailure { () throws(ShardError) in try Dataset(directory: directory) }
    let portrait = DatasetPortrait(dataset)
    console.print(portrait.text)
    guard let html else { return }
    do {
      try Data(portrait.html.utf8).write(to: URL(fileURLWithPath: html), options: .atomic)
    } catch {
      throw CommandFailure(.failed, "\(html): cannot be written: \(error.localizedDescription)")
    }
    console.note("\(html): written")
  }
}

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Look for leaks: timing, near-label and identifier-like columns, duplicates, overlap, missingness.",
    discussion: """
      Example: muster data audit datasets/readmission_30d
      Exit code 65 where a problem is found.
      """)

  @Argument(help: ArgumentHelp("The data set's folder.", valueName: "dir"))
  var directory: String

  @Flag(help: "The findings as one JSON object.")
  var json = false

  func run() throws {
    let console = Console()
    let dataset = try asDataFailure { () throws(ShardError) in try Dataset(directory: directory) }
    let audit = DatasetAudit(dataset)
    console.print(json ? audit.json : audit.text)
    if !audit.isSound { throw CommandFailure.silent(.badInput) }
  }
}
