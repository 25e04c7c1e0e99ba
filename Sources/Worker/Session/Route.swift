// SPDX-License-Identifier: Apache-2.0

import Access
import Reporting
import Sockets

/// The way to the coordinator: its address or the file that names it, both keys, and how long to wait at the door.
struct Route {
  /// What the rendezvous file says now.
  enum Sight: Hashable {
    case unchanged
    /// It names another coordinator than the one that was followed.
    case moved(to: String)
    case finished(sweep: String)
    /// There is none, or it is not to be believed.
    case unseen(why: String)
  }

  private let rendezvousPath: String?
  private let keys: KeyPair?
  /// The only coordinator that is believed, whatever a rendezvous file says; `nil`: the one it names.
  private let pinned: PublicKey?
  typealias Target = (endpoint: Endpoint, security: DealerSecurity)

  /// Where the way leads; `nil` until a rendezvous file was read.
  private(set) var target: Target?
  /// Whether this worker has a key to show.
  var isKeyed: Bool { keys != nil }
  private var followed: Rendezvous?
  /// `nil`: for ever.
  let joinTimeoutMilliseconds: Int64?

  /// - Throws: `CommandFailure` for what is wrong with the address or the keys.
  init(
    coordinator: String?, rendezvous: String?, keyFile: String?, coordinatorKey: String?,
    joinTimeoutMilliseconds: Int64?
  ) throws(CommandFailure) {
    self.joinTimeoutMilliseconds = joinTimeoutMilliseconds
    rendezvousPath = rendezvous
    (keys, pinned) = try Self.readKeys(keyFile, coordinatorKey)
    guard let coordinator else { return }
    let endpoint: Endpoint
    do {
      endpoint = try Endpoint(coordinator)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    if let keys, let pinned {
      target = (endpoint, .curve(keys, coordinator: pinned))
    } else {
      guard endpoint.isLoopback else { throw Self.keysNeeded(endpoint) }
      target = (endpoint, .plain)
    }
  }

  private static func readKeys(
    _ keyFile: String?, _ coordinatorKey: String?
  ) throws(CommandFailure) -> (KeyPair?, PublicKey?) {
    guard let keyFile else { return (nil, nil) }
    forbidCoreDumps()
    do {
      let pinned: PublicKey? = if let coordinatorKey { try readPublicKey(coordinatorKey) } else { nil }
      return (try KeyFile(path: keyFile).keys, pinned)
    } catch {
      let status: ExitStatus =
        switch error.code {
        case .missing: .inputMissing
        case .loose: .notPermitted
        default: .badInput
        }
      throw CommandFailure(status, error.description)
    }
  }

  private static func keysNeeded(_ endpoint: Endpoint) -> CommandFailure {
    CommandFailure(
      .usage, "\(endpoint) is beyond this machine's loopback, and nothing is said there without keys",
      help: "add --key-file FILE (muster keys new NAME --keys DIR) and --coordinator-key DIR/coordinator.pub")
  }

  /// A new socket: after a refusal or a flipped bit an old one may never connect again. `nil` while nobody knows where to,
  /// or where a rendezvous file names a host that cannot be resolved.
  mutating func connect(_ context: MessageContext) throws(SocketError) -> DealerSocket? {
    _ = look()
    guard let target else { return nil }
    guard rendezvousPath != nil else {
      return try DealerSocket(context, connecting: target.endpoint, security: target.security)
    }
    return try? DealerSocket(context, connecting: target.endpoint, security: target.security)
  }

  /// Reads the rendezvous file again, if there is one to follow. A few hundred bytes: opening it is what makes a network
  /// file system look again.
  mutating func look() -> Sight {
    guard let rendezvousPath else { return .unchanged }
    let found: Rendezvous
    do {
      found = try Rendezvous(path: rendezvousPath)
    } catch {
      return .unseen(why: error.description)
    }
    if found.state == .finished { return .finished(sweep: found.sweep) }
    if let followed, !found.leadsElsewhere(than: followed) { return .unchanged }
    if let pinned, let named = found.publicKey, named != pinned {
      return .unseen(why: "\(rendezvousPath): it names a coordinator with another key than --coordinator-key")
    }
    switch (found.publicKey, keys) {
    case (let coordinator?, let keys?):
      target = (found.endpoint, .curve(keys, coordinator: coordinator))
    case (nil, _):
      guard found.endpoint.isLoopback, pinned == nil else {
        return .unseen(why: "\(rendezvousPath): it names a coordinator without a key, beyond this machine's loopback")
      }
      target = (found.endpoint, .plain)
    case (_?, nil):
      return .unseen(why: "\(rendezvousPath): that coordinator wants a key: add --key-file FILE (muster keys new)")
    }
    followed = found
    return .moved(to: "\(found.endpoint), epoch \(found.epoch)")
  }

  var description: String { target?.endpoint.description ?? rendezvousPath ?? "" }

  /// A refusal says nothing over the wire, so all that may be wrong is named.
  var whatToCheck: String {
    guard let target else { return "no coordinator has written that file yet (muster sweep run --bind --rendezvous)" }
    return target.security.isPlain
      ? "does a coordinator without keys listen there?"
      : "does it listen there, is this worker's key in its allow-list and not expired, is --coordinator-key its key?"
  }
}
