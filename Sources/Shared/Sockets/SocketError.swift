// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A socket that could not be made, bound, connected or used.
package struct SocketError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    case addressInUse = "address in use"
    case badEndpoint = "bad endpoint"
    case notLoopback = "not a loopback address"
    /// The library, or what guards the socket, is not what a network needs.
    case unfit = "not fit for a network"
    case failed = "socket failed"
  }

  package let code: Code
  package let endpoint: String
  package let detail: String

  package var description: String { "\(endpoint): \(code.rawValue): \(detail)" }

  static func notLoopback(_ endpoint: Endpoint, _ wayOut: String) -> SocketError {
    SocketError(
      code: .notLoopback, endpoint: endpoint.description,
      detail: "without keys only 127.0.0.0/8, [::1] and localhost are served; \(wayOut)")
  }

  /// The error of the libzmq call that just failed on this thread.
  static func last(_ endpoint: String, doing what: String) -> SocketError {
    let number = zmq_errno()
    let text = String(cString: zmq_strerror(number))
    switch number {
    case EADDRINUSE:
      return SocketError(
        code: .addressInUse, endpoint: endpoint,
        detail: "another process listens there; stop it or choose another port with --bind (`:*` takes a free one)")
    case EINVAL, ENODEV, EPROTONOSUPPORT, EADDRNOTAVAIL:
      return SocketError(
        code: .badEndpoint, endpoint: endpoint, detail: "\(what): \(text); expected tcp://<address>:<port>")
    default:
      return SocketError(code: .failed, endpoint: endpoint, detail: "\(what): \(text)")
    }
  }
}
