// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What was launched for a rendezvous, in a file beside it: `demo.rendezvous` has `demo.rendezvous.workers`. Written whole or
/// not at all, under a lock, by `muster workers` and by a coordinator that launches.
package struct LaunchBook: Codable, Hashable, Sendable {
  package static let schema = "muster.launches/v1"

  private var schema = Self.schema
  package private(set) var launches: [Launch] = []
  /// Workers, by the engine's id, that were told to end; they show as running until they have.
  package private(set) var released: [String] = []

  package init() {}

  package static func path(beside rendezvous: String) -> String { rendezvous + ".workers" }

  /// Empty where there is none.
  ///
  /// - Throws: `.badOrder` for a file that is something else.
  package init(beside rendezvous: String) throws(LaunchError) {
    let path = Self.path(beside: rendezvous)
    guard let data = FileManager.default.contents(atPath: path) else { return }
    guard let book = try? JSONDecoder().decode(Self.self, from: data), book.schema == Self.schema else {
      throw LaunchError(
        .badOrder, what: path, detail: "expected \(Self.schema), written by muster workers; move it away")
    }
    self = book
  }

  /// The order that `scale` repeats.
  package var lastOrder: WorkerOrder? { launches.last?.order }

  package mutating func add(_ launch: Launch) { launches.append(launch) }
  package mutating func noteReleased(_ workers: [EngineWorker]) {
    // Sorted: the same workers are the same file.
    released = Set(released + workers.map(\.id)).sorted()
  }

  /// Forgets launches of which nothing is left, but for the last, whose order is still of use.
  package mutating func forgetEnded(alive: [EngineWorker]) {
    let (handles, ids) = (Set(alive.map(\.launch)), Set(alive.map(\.id)))
    launches = launches.enumerated().filter { $0.offset == launches.count - 1 || handles.contains($0.element.handle) }
      .map(\.element)
    released = released.filter(ids.contains)
  }

  /// All workers that run or wait, asked of each engine once, in the order of their launches.
  package func survey() throws(LaunchError) -> [EngineWorker] {
    var workers: [EngineWorker] = []
    var asked: [WorkerOrder.Engine] = []
    for launch in launches where !asked.contains(launch.order.engine) {
      asked.append(launch.order.engine)
      workers += try launch.order.engine.make().survey(launches.filter { $0.order.engine == launch.order.engine })
    }
    return workers.map { worker in
      var worker = worker
      if released.contains(worker.id) { worker.state = .leaving }
      return worker
    }
  }

  /// The engine that knows the given worker.
  package func engine(of worker: EngineWorker) -> (any WorkerEngine)? {
    launches.first { $0.handle == worker.launch }?.order.engine.make()
  }

  /// Changes the file: reads it, lets `change` at it, and writes it, while nobody else does.
  package static func update<Value>(
    beside rendezvous: String, _ change: (inout LaunchBook) throws(LaunchError) -> Value
  ) throws(LaunchError) -> Value {
    let path = path(beside: rendezvous)
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else {
      throw LaunchError(.failed, what: path, detail: "no lock: \(String(cString: strerror(errno)))")
    }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0 {
      guard errno == EINTR else {
        throw LaunchError(.failed, what: path, detail: "no lock: \(String(cString: strerror(errno)))")
      }
    }
    var book = try LaunchBook(beside: rendezvous)
    let before = book
    // What was launched before an error is noted all the same.
    do throws(LaunchError) {
      let value = try change(&book)
      if book != before { try book.write(to: path) }
      return value
    } catch {
      if book != before { try book.write(to: path) }
      throw error
    }
  }

  private func write(to path: String) throws(LaunchError) {
    let draft = "\(path).\(getpid()).new"
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(fileURLWithPath: draft))
      let descriptor = open(draft, O_RDONLY | O_CLOEXEC)
      defer { close(descriptor) }
      guard descriptor >= 0, fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0, rename(draft, path) == 0 else {
        throw CocoaError(.fileWriteUnknown)
      }
    } catch {
      unlink(draft)
      throw LaunchError(.failed, what: path, detail: "could not be written: \(error)")
    }
  }
}
