// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import Reporting
import Sockets

/// The keys of a run, read and checked before anything else is touched.
struct KeyGuard {
  private let coordinator: KeyPair?
  private let ring: KeyRing?

  /// - Parameter folder: that of `--keys`.
  /// - Throws: `CommandFailure` when `endpoint` is beyond loopback and there are no keys; what is wrong with the keys.
  init(folder: String?, endpoint: Endpoint) throws {
    guard let folder else {
      guard endpoint.isLoopback else {
        throw CommandFailure(
          .usage, "\(endpoint) is beyond this machine's loopback, and nothing is served there without keys",
          help: "muster keys new coordinator --keys DIR, then add --keys DIR")
      }
      coordinator = nil
      ring = nil
      return
    }
    forbidCoreDumps()
    let read = try Self.read(KeyFolder(path: folder))
    coordinator = read.coordinator
    ring = read.ring
  }

  /// The coordinator's own, which workers must know; `nil` without keys.
  var publicKey: PublicKey? { coordinator?.publicKey }

  private static func read(_ keys: KeyFolder) throws -> (coordinator: KeyPair, ring: KeyRing) {
    do {
      return (try KeyFile(path: keys.coordinatorPath).keys, try KeyRing(path: keys.allowListPath))
    } catch {
      guard error.code == .missing else { throw error }
      throw CommandFailure(.inputMissing, error.description, help: "muster keys new coordinator --keys \(keys.path)")
    }
  }

  /// Answers for handshakes before any socket is bound.
  func open(_ context: MessageContext) throws -> (Doorkeeper, RouterSecurity) {
    guard let coordinator, let ring else { return (.plain, .plain) }
    let door = try Doorkeeper(context, ring: ring)
    guard let handler = door.handler else { return (.plain, .plain) }
    return (door, .curve(coordinator, handler))
  }

  /// The same for the bulk socket, in a context of its own: another I/O thread, so that no heartbeat waits for a shard. `nil`
  /// without keys: a data set is never handed to whoever happens to be on this machine.
  func openBulk(_ context: MessageContext) throws -> (Doorkeeper, RouterSecurity)? {
    guard let coordinator, let ring else { return nil }
    let door = try Doorkeeper(context, ring: ring, limits: .bulk)
    return door.handler.map { (door, .curve(coordinator, $0)) }
  }

  /// The key of the workers that this process starts: made anew each time, good for this process alone, in a file only its
  /// owner may read, because arguments and environments are there for all to see.
  struct LocalKey {
    let path: String
    let coordinator: PublicKey

    var arguments: [String] { ["--key-file", path, "--coordinator-key", coordinator.description] }

    func remove() {
      // Worth nothing once this process has ended: a file that stays is untidy, not dangerous.
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  func makeLocalKey(in folder: String) throws -> LocalKey? {
    guard let coordinator, let ring else { return nil }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let file = KeyFile(name: "local", keys: try KeyPair.random())
    let path = folder + "/local.key"
    try file.write(to: path, replaces: true)
    ring.setLocal(AllowedKey(name: "local", role: .worker, expiry: nil, key: file.keys.publicKey))
    return LocalKey(path: path, coordinator: coordinator.publicKey)
  }
}
