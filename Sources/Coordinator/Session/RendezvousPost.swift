// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import Sockets

/// Keeps the rendezvous file of a coordinator: written at its start, told how many workers there are and could be, closed at
/// its end. What is written while the sweep runs is written on a thread of its own, for the file is on a network file system.
final class RendezvousPost: Sendable {
  let path: String
  private let content: Locked<Rendezvous>
  private let queue = DispatchQueue(label: "rendezvous")
  private let complain: @Sendable (String) -> Void

  /// - Parameter complain: called once a failed update, on any thread.
  init(path: String, _ content: Rendezvous, complain: @escaping @Sendable (String) -> Void) {
    self.path = path
    self.content = Locked(content)
    self.complain = complain
  }

  /// Nobody could find this coordinator without it, so it is there before the first turn, or the run does not begin.
  func open() throws(AccessError) { try content.withLock { $0 }.write(to: path) }

  func update(workerCount: Int, usableCount: Int) {
    let changed: Rendezvous? = content.withLock { content in
      guard content.workerCount != workerCount || content.usableCount != usableCount else { return nil }
      (content.workerCount, content.usableCount) = (workerCount, usableCount)
      return content
    }
    guard let changed else { return }
    queue.async { [self] in write(changed) }
  }

  func close(_ state: Rendezvous.State) {
    let last = content.withLock { content in
      (content.state, content.workerCount, content.usableCount) = (state, 0, 0)
      return content
    }
    queue.sync { write(last) }
  }

  /// Only where the file is still this coordinator's: another sweep may have been given the same one.
  private func write(_ next: Rendezvous) {
    if let found = try? Rendezvous(path: path), found.leadsElsewhere(than: next) { return }
    do { try next.write(to: path) } catch { complain("the rendezvous file was not written: \(error)") }
  }
}

/// The host that workers are told: the one that is listened on, or this machine's name where that is every address.
func advertisedEndpoint(_ bound: Endpoint, host: String?) throws(SocketError) -> Endpoint {
  let isEverywhere = ["*", "0.0.0.0", "[::]"].contains(bound.host)
  return try Endpoint("tcp://\(host ?? (isEverywhere ? thisHost() : bound.host)):\(bound.port)")
}

private func thisHost() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
