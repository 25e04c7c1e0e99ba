// SPDX-License-Identifier: Apache-2.0

import Access
import Reporting
import Sockets

/// The way to the coordinator: its address, both keys, and how long to wait at the door.
struct Route {
  let endpoint: Endpoint
  let security: DealerSecurity
  /// `nil`: for ever.
  let joinTimeoutMilliseconds: Int64?

  /// - Throws: `CommandFailure` for what is wrong with the address or the keys.
  init(
    coordinator: String, keyFile: String?, coordinatorKey: String?, joinTimeoutMilliseconds: Int64?
  ) throws(CommandFailure) {
    self.joinTimeoutMilliseconds = joinTimeoutMilliseconds
    do {
      endpoint = try Endpoint(coordinator)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    guard let keyFile, let coordinatorKey else {
      guard endpoint.isLoopback else {
        throw CommandFailure(
          .usage, "\(endpoint) is beyond this machine's loopback, and nothing is said there without keys",
          help: "add --key-file FILE (muster keys new NAME --keys DIR) and --coordinator-key DIR/coordinator.pub")
      }
      security = .plain
      return
    }
    forbidCoreDumps()
    do {
      security = .curve(try KeyFile(path: keyFile).keys, coordinator: try readPublicKey(coordinatorKey))
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

  /// A new socket: after a refusal or a flipped bit an old one may never connect again.
  func connect(_ context: MessageContext) throws(SocketError) -> DealerSocket {
    try DealerSocket(context, connecting: endpoint, security: security)
  }

  /// A refusal says nothing over the wire, so all that may be wrong is named.
  var whatToCheck: String {
    security.isPlain
      ? "does a coordinator without keys listen there?"
      : "does it listen there, is this worker's key in its allow-list and not expired, is --coordinator-key its key?"
  }
}
