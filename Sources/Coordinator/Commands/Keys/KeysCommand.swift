// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import Reporting
import Sockets

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Make, list and revoke the keys with which workers join over a network.",
    discussion: """
      Examples:
        muster keys new coordinator --keys keys            # once
        muster keys new node-7 --keys keys --expires 90d   # keys/node-7.key goes to that host, and nowhere else
        muster keys list --keys keys
        muster keys revoke node-7 --keys keys              # a running coordinator cuts its sessions within a second
      """,
    subcommands: [KeysNewCommand.self, KeysListCommand.self, KeysRevokeCommand.self])
}

extension KeyRole: ExpressibleByArgument {}

struct KeyFolderOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder with coordinator.key and the allow-list.", valueName: "dir"))
  var keys: String

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var options: ConsoleOptions

  var folder: KeyFolder { KeyFolder(path: keys) }
}

struct KeysNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Make a key and list it; the name coordinator makes the coordinator's own.",
    discussion: """
      Examples:
        muster keys new coordinator --keys keys
        muster keys new node-7 --keys keys --expires 90d
        muster keys new node-8 --keys keys --public 5c1e…   # the secret was made on node-8 and stays there
      """)

  @Argument(help: ArgumentHelp("What people call it: a host, or a job.", valueName: "name"))
  var name: String

  @OptionGroup var common: KeyFolderOptions

  @Option(help: ArgumentHelp("worker or observer; an observer gets no work.", valueName: "role"))
  var role: KeyRole = .worker

  @Option(help: ArgumentHelp("never, a span as 90d or 12h, or a date as 2027-06-30.", valueName: "when"))
  var expires = "365d"

  @Option(
    name: .customLong("public"),
    help: ArgumentHelp("List this public key instead of making a pair.", valueName: "64 hex digits"))
  var known: String?

  func run() throws {
    let console = common.options.console
    let folder = common.folder
    if name == KeyFolder.coordinatorName {
      let key = try asCommand { try folder.makeCoordinator() }
      guard !common.json else {
        return console.print(report(key, file: folder.coordinatorPath, entry: nil).description)
      }
      console.print("public key  \(key)")
      console.print("secret      \(folder.coordinatorPath)")
      console.note("next: muster keys new NAME --keys \(folder.path), once for each host or job")
      return
    }
    let listed = try listedKey()
    let entry = try asCommand {
      try folder.addKey(name: name, role: role, expiry: readExpiry(expires, from: wallTime), known: listed)
    }
    let file = listed == nil ? folder.keyPath(name) : nil
    guard !common.json else { return console.print(report(entry.key, file: file, entry: entry).description) }
    console.print("public key  \(entry.key)")
    if let file { console.print("secret      \(file)") }
    console.print("expires     \(entry.expiry?.description ?? "never")")
    guard let file else { return }
    console.note(
      "next: move \(file) to its host and start there\n"
        + "  muster-worker start --coordinator tcp://HOST:PORT --key-file \(name).key --coordinator-key "
        + coordinatorKey(folder) + " …")
  }

  private func listedKey() throws -> PublicKey? {
    guard let known else { return nil }
    guard let key = PublicKey(hex: known) else {
      throw CommandFailure(.usage, "--public: expected 64 hexadecimal digits")
    }
    return key
  }

  /// A file that can be read by others or is not there is for `sweep run` to complain of.
  private func coordinatorKey(_ folder: KeyFolder) -> String {
    (try? readPublicKey(folder.coordinatorPublicPath))?.description ?? "COORDINATOR-KEY"
  }

  private func report(_ key: PublicKey, file: String?, entry: AllowedKey?) -> JSONText {
    .object([
      ("schema", .text("muster.key/v1")), ("name", .text(name)), ("public", .text(key.description)),
      ("role", .text(entry?.role.rawValue ?? "coordinator")), ("expires", .optional(entry?.expiry?.description)),
      ("secret_file", .optional(file)),
    ])
  }
}

struct KeysListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The allow-list: who may join, as what, until when.",
    discussion: "Example: muster keys list --keys keys --json")

  @OptionGroup var common: KeyFolderOptions

  func run() throws {
    let console = common.options.console
    let keys = try asCommand { try requiredList().keys }
    let now = wallTime
    guard !common.json else {
      let items = keys.map { entry in
        JSONText.object([
          ("name", .text(entry.name)), ("role", .text(entry.role.rawValue)),
          ("expires", .optional(entry.expiry?.description)), ("expired", .flag(entry.isExpired(at: now))),
          ("public", .text(entry.key.description)),
        ])
      }
      return console.print(JSONText.object([("schema", .text("muster.keys/v1")), ("keys", .list(items))]).description)
    }
    var table = TextTable([("NAME", .left), ("ROLE", .left), ("STATE", .left), ("EXPIRES", .left), ("PUBLIC", .left)])
    for entry in keys {
      table.append([
        entry.name, entry.role.rawValue, entry.isExpired(at: now) ? "expired" : "valid",
        entry.expiry?.description ?? "never", entry.key.description,
      ])
    }
    for line in console.isOutputTerminal ? table.lines : table.tabSeparated { console.print(line) }
  }

  private func requiredList() throws -> AllowList {
    guard let list = try common.folder.readList() else {
      throw CommandFailure(
        .inputMissing, "\(common.folder.allowListPath): there is no allow-list",
        help: "muster keys new coordinator --keys \(common.keys)")
    }
    return list
  }
}

struct KeysRevokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Take a key out of the allow-list; running coordinators cut its sessions.",
    discussion: "Example: muster keys revoke node-7 --keys keys")

  @Argument(help: ArgumentHelp("As muster keys list names it.", valueName: "name"))
  var name: String

  @OptionGroup var common: KeyFolderOptions

  func run() throws {
    let console = common.options.console
    let entry = try asCommand { try common.folder.revoke(name: name, at: wallTime) }
    guard !common.json else {
      return console.print(
        JSONText.object([
          ("schema", .text("muster.key/v1")), ("name", .text(entry.name)), ("public", .text(entry.key.description)),
          ("revoked", .flag(true)),
        ]).description)
    }
    console.print("revoked \(entry.name), public key \(entry.key)")
  }
}
