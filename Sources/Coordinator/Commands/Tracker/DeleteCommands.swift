// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Reporting
import Tracking

/// What can take something away asks first.
struct ConsentOptions: ParsableArguments {
  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would happen, and change nothing.")
  var isDryRun = false

  @Flag(name: .shortAndLong, help: "Do not ask.")
  var yes = false

  /// - Throws: `.usage` where nobody can be asked; `.interrupted` for a no.
  func demand(_ question: String, _ console: Console) throws {
    guard !yes, !isDryRun else { return }
    guard isatty(0) == 1, console.isLive else {
      throw CommandFailure(
        .usage, "\(question) Nobody is there to ask", help: "add --yes, or --dry-run to see what it is")
    }
    console.draw(question + " [y/N] ")
    guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
      throw CommandFailure(.interrupted, "nothing was changed")
    }
  }
}

private func loginName() -> String {
  let name = NSUserName()
  return name.isEmpty ? "unknown" : name
}

private func words(_ count: DeletionCount) -> String {
  let sweeps = count.sweeps > 0 ? "\(count.sweeps) sweep\(count.sweeps == 1 ? "" : "s"), " : ""
  return sweeps
    + "\(count.trials) trial\(count.trials == 1 ? "" : "s") with \(count.results) result\(count.results == 1 ? "" : "s")"
}

struct DeleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Take a sweep or a trial out of every view; muster tracker undelete brings it back.",
    discussion: """
      It stays in the file until muster tracker vacuum. A sweep with deleted trials goes on as before, for its search rests on
      them; a deleted sweep does not go on. Files of artifacts stay.

      Examples:
        muster tracker delete demo#4
        muster tracker delete old-sweep other-sweep --yes
      """)

  @Argument(help: ArgumentHelp("A sweep's name, or NAME#NUMBER for a trial.", valueName: "sweep[#trial]"))
  var things: [TrackedThing]

  @OptionGroup var consent: ConsentOptions
  @OptionGroup var tracker: WritingOptions
  @OptionGroup var options: ConsoleOptions

  func run() throws {
    let names = things.map(\.description).joined(separator: ", ")
    try consent.demand("Delete \(names)?", options.console)
    try tracker.write { store in
      for thing in things {
        let count = try store.delete(
          thing, by: loginName(), at: wallMilliseconds(), isDryRun: consent.isDryRun)
        let head = consent.isDryRun ? "would delete" : "deleted"
        options.console.print("\(head) \(thing): \(words(count))")
      }
    }
    guard !consent.isDryRun, !options.quiet else { return }
    options.console.note("muster tracker undelete \(things.map(\.description).joined(separator: " ")) brings it back")
  }
}

struct UndeleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undelete", abstract: "Bring back what muster tracker delete took; without a name, list what can be.",
    discussion: "Example: muster tracker undelete demo#4")

  @Argument(help: ArgumentHelp("A sweep's name, or NAME#NUMBER for a trial.", valueName: "sweep[#trial]"))
  var things: [TrackedThing] = []

  @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Say what would happen, and change nothing.")
  var isDryRun = false

  @OptionGroup var tracker: WritingOptions
  @OptionGroup var options: ConsoleOptions

  func run() throws {
    guard !things.isEmpty else {
      let path = try tracker.path()
      let table = try asCommand { try TrackerReader(path: path).sql("SELECT * FROM deleted ORDER BY at, sweep, trial") }
      return show(table.shown(without: []), options.console)
    }
    try tracker.write { store in
      for thing in things {
        let count = try store.undelete(thing, by: loginName(), at: wallMilliseconds(), isDryRun: isDryRun)
        options.console.print("\(isDryRun ? "would bring back" : "brought back") \(thing): \(words(count))")
      }
    }
  }
}

struct VacuumCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vacuum", abstract: "Take what is deleted out of the file for good, and give its space back.",
    discussion: """
      Needs room for a second copy of the file while it runs. A sweep whose trials are gone cannot go on. Take a copy first:
      muster tracker backup FILE.
      """)

  @OptionGroup var consent: ConsentOptions
  @OptionGroup var tracker: WritingOptions
  @OptionGroup var options: ConsoleOptions

  func run() throws {
    try tracker.write { store in
      let planned = try store.vacuum(by: loginName(), at: wallMilliseconds(), isDryRun: true)
      if consent.isDryRun { return options.console.print("would take out \(words(planned))") }
      if planned.trials + planned.sweeps > 0 {
        try consent.demand("Take \(words(planned)) out for good?", options.console)
      }
      let count = try store.vacuum(by: loginName(), at: wallMilliseconds())
      options.console.print("took out \(words(count)); the file is \(count.bytes / 1_024) kB smaller")
    }
  }
}
