// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Reporting
import Tracking

/// Commands that write: for a moment they are the tracker's one writer, so not while a sweep runs on it.
struct WritingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The tracker's file. Default: $MUSTER_TRACKER.", valueName: "file"))
  var tracker: String?

  func path() throws -> String {
    let path = try trackerPath(tracker)
    // A writer would make the file that a mistyped path names.
    _ = try asCommand { try TrackerReader(path: path) }
    return path
  }

  func write(_ body: (TrackerStore) throws -> Void) throws {
    let path = try path()
    try asCommand {
      let store = try TrackerStore(path: path, codeVersion: codeVersion, at: wallMilliseconds())
      defer { _ = try? store.close() }
      try body(store)
    }
  }
}

func wallMilliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Set name=value on a sweep or a trial, or take it off with --remove NAME.",
    discussion: "Example: muster tracker tag demo#4 reviewed=yes paper=\"table 2\"")

  @Argument(help: ArgumentHelp("A sweep's name, or NAME#NUMBER for a trial.", valueName: "sweep[#trial]"))
  var thing: TrackedThing

  @Argument(help: ArgumentHelp("Tags to set.", valueName: "name=value"))
  var tags: [String] = []

  @Option(help: ArgumentHelp("A tag to take off; may be given again.", valueName: "name"))
  var remove: [String] = []

  @OptionGroup var tracker: WritingOptions

  func validate() throws {
    guard !tags.isEmpty || !remove.isEmpty else { throw ValidationError("expected name=value, or --remove NAME") }
    for tag in tags where !tag.contains("=") || tag.hasPrefix("=") {
      throw ValidationError("expected name=value, found \(tag)")
    }
  }

  func run() throws {
    try tracker.write { store in
      for tag in tags {
        let parts = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        try store.tag(thing, name: parts[0], value: parts[1], at: wallMilliseconds())
      }
      for name in remove { try store.tag(thing, name: name, value: nil, at: wallMilliseconds()) }
    }
  }
}

struct NoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Write a note on a sweep or a trial; it is signed with your login name.",
    discussion: "Example: muster tracker note demo#4 \"calibration looks right\"")

  @Argument(help: ArgumentHelp("A sweep's name, or NAME#NUMBER for a trial.", valueName: "sweep[#trial]"))
  var thing: TrackedThing

  @Argument(help: ArgumentHelp("Never with a patient's data: the tracker holds none."))
  var text: String

  @OptionGroup var tracker: WritingOptions

  func run() throws {
    let author = NSUserName()
    try tracker.write { store in
      try store.note(thing, text: text, author: author.isEmpty ? "unknown" : author, at: wallMilliseconds())
    }
  }
}

struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Bring an older tracker to this version's schema; a copy is kept beside it.")

  @OptionGroup var tracker: WritingOptions
  @OptionGroup var options: ConsoleOptions

  func run() throws {
    let path = try tracker.path()
    let before = try asCommand { try TrackerReader(path: path).schemaVersion }
    try tracker.write { _ in }
    let after = try asCommand { try TrackerReader(path: path).schemaVersion }
    options.console.print(
      before == after
        ? "schema \(after) already" : "schema \(before) → \(after); as it was: \(path).schema\(before).backup")
  }
}

struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy a tracker whole, also while a sweep runs; the copy is one file on disk.")

  @Argument(help: ArgumentHelp("The copy's file; one that exists is not overwritten.", valueName: "file"))
  var target: String

  @OptionGroup var tracker: TrackerOptions
  @OptionGroup var options: ConsoleOptions

  func run() throws {
    let reader = try tracker.reader()
    try asCommand { try reader.backUp(to: target) }
    if !options.quiet { options.console.note("\(reader.path) → \(target)") }
  }
}
