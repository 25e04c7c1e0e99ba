// SPDX-License-Identifier: Apache-2.0

import Access
import ArgumentParser
import Foundation
import Launching
import Reporting
import Tracking

struct WorkersListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List workers that were launched, as the scheduler and the tracker know them.",
    discussion: """
      Example: muster workers list --rendezvous /shared/me/demo.rendezvous --tracker /local/me/tracker.db
      Without the tracker, which lies on the coordinator's own disk, only what the scheduler knows is told.
      """)

  @OptionGroup var place: RendezvousOptions

  @Option(help: ArgumentHelp("The tracker's file. Default: $MUSTER_TRACKER.", valueName: "file"))
  var tracker: String?

  @Flag(help: "One JSON object instead of a table.") var json = false

  func run() throws {
    let rendezvous = try place.path()
    let book = try asCommand { try LaunchBook(beside: rendezvous) }
    let report = try CrewReport(rendezvous: rendezvous, book: book, tracker: trackerIfNamed(tracker))
    let console = place.options.console
    if json { return console.print(report.json.description) }
    show(report.table, console)
    guard !place.options.quiet else { return }
    guard let found = report.coordinator else {
      return console.note("no coordinator has written \(rendezvous) yet; workers wait for it")
    }
    switch found.state {
    case .open:
      console.note(
        "sweep \(found.sweep) at \(found.endpoint): \(found.workerCount) workers are here, \(found.usableCount) could be used"
      )
    case .stopped: console.note("sweep \(found.sweep) is stopped; muster sweep run goes on")
    case .finished: console.note("sweep \(found.sweep) is finished")
    }
  }
}

private func trackerIfNamed(_ given: String?) -> String? {
  given ?? ProcessInfo.processInfo.environment["MUSTER_TRACKER"]
}

struct WorkersScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "Bring the workers that were launched to a number: more of the last kind, or fewer.",
    discussion: """
      Example: muster workers scale 50 --rendezvous /shared/me/demo.rendezvous
      Those that wait in the queue go first, then the idle ones (where the tracker is named), then the youngest. What they train is
      finished or given back.
      """)

  @Argument(help: ArgumentHelp("Workers that run or wait afterwards.", valueName: "n"))
  var count: Int

  @OptionGroup var place: RendezvousOptions

  @Option(help: ArgumentHelp("The tracker's file: tells who is idle. Default: $MUSTER_TRACKER.", valueName: "file"))
  var tracker: String?

  @Flag(help: "Say what would be done, and end.") var dryRun = false

  func validate() throws {
    guard (0...100_000).contains(count) else { throw ValidationError("expected 0 to 100000 workers") }
  }

  func run() throws {
    let rendezvous = try place.path()
    let console = place.options.console
    let busy = try CrewReport(
      rendezvous: rendezvous, book: try asCommand { try LaunchBook(beside: rendezvous) },
      tracker: trackerIfNamed(tracker)
    ).busy
    let said = try asCommand {
      try LaunchBook.update(beside: rendezvous) { (book) throws(LaunchError) in
        try scale(&book, rendezvous, busy)
      }
    }
    console.print(said)
  }

  private func scale(_ book: inout LaunchBook, _ rendezvous: String, _ busy: Set<String>) throws(LaunchError) -> String
  {
    let alive = try book.survey()
    let staying = alive.filter { $0.state != .leaving }
    if staying.count == count { return "\(count) workers run or wait: nothing to do" }
    if staying.count < count {
      guard let order = book.lastOrder else {
        throw LaunchError(
          .missing, what: LaunchBook.path(beside: rendezvous),
          detail: "nothing was launched yet, so it is not known what to start; muster workers launch")
      }
      let missing = count - staying.count
      if dryRun { return "would ask for \(missing) more: \(order.engine.name)" }
      let launch = try order.engine.make().launch(order, count: missing)
      book.forgetEnded(alive: alive)
      book.add(launch)
      return "\(missing) more workers are asked for: \(order.engine.name) \(launch.handle)"
    }
    let going = Array(releaseOrder(alive, busy: busy).prefix(staying.count - count))
    if dryRun { return "would let go: \(going.map(\.id).joined(separator: " "))" }
    try letGo(going, &book)
    return "let go: \(going.map(\.id).joined(separator: " "))"
  }
}

struct WorkersDrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Let workers go: they finish or give back what they train, and are not started again.",
    discussion: """
      Examples:
        muster workers drain 8123_4 8123_7
        muster workers drain --all
      """)

  @Argument(help: ArgumentHelp("As muster workers list names them, by id or by worker.", valueName: "id"))
  var ids: [String] = []

  @Flag(help: "All that were launched.") var all = false

  @Flag(help: "Say who would be let go, and end.") var dryRun = false

  @OptionGroup var place: RendezvousOptions

  func validate() throws {
    guard ids.isEmpty == all else { throw ValidationError("expected workers' ids, or --all") }
  }

  func run() throws {
    let rendezvous = try place.path()
    let console = place.options.console
    let gone = try asCommand {
      try LaunchBook.update(beside: rendezvous) { (book) throws(LaunchError) in try drain(&book) }
    }
    guard !gone.isEmpty else { throw CommandFailure(.nothingFound, "no worker that was launched runs or waits") }
    console.print("\(dryRun ? "would let go" : "let go"): \(gone.joined(separator: " "))")
  }

  private func drain(_ book: inout LaunchBook) throws(LaunchError) -> [String] {
    let alive = try book.survey().filter { $0.state != .leaving }
    var going = alive
    if !all {
      going = []
      for id in ids {
        guard let worker = alive.first(where: { $0.id == id || $0.name == id }) else {
          throw LaunchError(
            .unknown, what: id, detail: "no such worker runs or waits; muster workers list tells who does")
        }
        going.append(worker)
      }
    }
    if !dryRun { try letGo(going, &book) }
    return going.map(\.id)
  }
}

/// Each by the engine that started it.
private func letGo(_ workers: [EngineWorker], _ book: inout LaunchBook) throws(LaunchError) {
  var handles: [String] = []
  for worker in workers where !handles.contains(worker.launch) { handles.append(worker.launch) }
  for handle in handles {
    let some = workers.filter { $0.launch == handle }
    guard let engine = book.engine(of: some[0]) else { continue }
    try engine.release(some)
    book.noteReleased(some)
  }
}
