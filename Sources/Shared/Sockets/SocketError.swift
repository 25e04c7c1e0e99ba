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
    case failed = "socket failed"
  }

  package let code: Code
  package let endpoint: String
  package let detail: String

  package var description: String { "\(endpoint): \(code.rawValue): \(detail)" }

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
        code: .badEndpoint, endpoint: endpoint, detail: "\(what): \(text); expected tcp://127.0.0.1:<port>")
    default:
      return SocketError(code: .failed, endpoint: endpoint, detail: "\(what): \(text)")
    }
  }
}
