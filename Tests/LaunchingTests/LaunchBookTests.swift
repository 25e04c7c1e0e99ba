// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Launching

@Suite struct LaunchBookTests {
  private let rendezvous = NSTemporaryDirectory() + "book-\(UUID().uuidString).rendezvous"

  private var order: WorkerOrder {
    WorkerOrder(
      engine: .slurm(SlurmSettings()), executable: "/bin/muster-worker", rendezvous: rendezvous, data: ["/d"],
      artifacts: "/a", logs: "/l")
  }

  private func launch(_ handle: String) -> Launch { Launch(handle: handle, count: 1, order: order, at: 5) }

  @Test func book_isKeptBesideTheRendezvous_forItsOwnerAlone() throws {
    try LaunchBook.update(beside: rendezvous) { (book) throws(LaunchError) in
      book.add(launch("8"))
      book.add(launch("9"))
    }
    let book = try LaunchBook(beside: rendezvous)
    #expect(book.launches.map(\.handle) == ["8", "9"])
    #expect(book.lastOrder == order)
    let attributes = try FileManager.default.attributesOfItem(atPath: rendezvous + ".workers")
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
  }

  /// In real life: sbatch took the job, and then the connection to its controller was lost. The job must be in the book.
  @Test func whatWasLaunchedBeforeAnError_isNoted() throws {
    #expect(throws: LaunchError.self) {
      try LaunchBook.update(beside: rendezvous) { (book) throws(LaunchError) in
        book.add(launch("8"))
        throw LaunchError(.failed, what: "squeue", detail: "no answer")
      }
    }
    #expect(try LaunchBook(beside: rendezvous).launches.map(\.handle) == ["8"])
  }

  @Test func endedLaunches_areForgotten_butTheLastOrder() throws {
    var book = LaunchBook()
    for handle in ["8", "9", "10"] { book.add(launch(handle)) }
    let alive = EngineWorker(id: "8_0", name: "slurm-8-0", state: .running, host: "n1", launch: "8")
    let gone = EngineWorker(id: "9_0", name: "slurm-9-0", state: .running, host: "n1", launch: "9")
    book.noteReleased([alive, gone])
    book.forgetEnded(alive: [alive])
    #expect(book.launches.map(\.handle) == ["8", "10"])
    #expect(book.released == ["8_0"])
  }

  @Test func foreignFile_isRefused_andKept() throws {
    try Data("{}".utf8).write(to: URL(fileURLWithPath: rendezvous + ".workers"))
    #expect(throws: LaunchError.self) {
      try LaunchBook.update(beside: rendezvous) { (book) throws(LaunchError) in book.add(launch("8")) }
    }
    #expect(FileManager.default.contents(atPath: rendezvous + ".workers") == Data("{}".utf8))
  }
}
