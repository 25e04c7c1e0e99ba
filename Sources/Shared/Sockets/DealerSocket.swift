// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// The worker's end of a session. Used on one thread; after a silence it is thrown away and made anew, because one flipped
/// bit on the line can leave a DEALER that never reconnects.
package final class DealerSocket {
  private let socket: RawSocket
  package let endpoint: String

  /// - Parameters:
  ///   - queuedMax: messages kept in either direction, for the other side or for `receive`.
  ///   - receiveBufferBytes: what the kernel keeps for this side to read; `nil`: as much as the kernel likes.
  /// - Throws: `.notLoopback` for a plain socket to anywhere but this machine.
  package init(
    _ context: MessageContext, connecting endpoint: Endpoint, security: DealerSecurity = .plain, queuedMax: Int32 = 256,
    receiveBufferBytes: Int32? = nil
  ) throws(SocketError) {
    guard endpoint.isLoopback || !security.isPlain else {
      throw SocketError.notLoopback(
        endpoint, "a worker joins over a network with a key of its own: --key-file and --coordinator-key")
    }
    socket = try RawSocket(context, type: ZMQ_DEALER, endpoint: endpoint.description, lingerMilliseconds: 500)
    try socket.secure(security)
    if endpoint.host.hasPrefix("[") { try socket.set(ZMQ_IPV6, 1) }
    if let receiveBufferBytes { try socket.set(ZMQ_RCVBUF, receiveBufferBytes) }
    try socket.set(ZMQ_SNDHWM, queuedMax)
    try socket.set(ZMQ_RCVHWM, queuedMax)
    self.endpoint = endpoint.description
    guard zmq_connect(socket.pointer, endpoint.description) == 0 else {
      throw SocketError.last(endpoint.description, doing: "connecting")
    }
  }

  /// The next message that waits; an empty array for one that is not of exactly one frame.
  package func receive() throws(SocketError) -> [UInt8]? {
    guard let first = try socket.receiveFrame() else { return nil }
    var hasMore = first.hasMore
    while hasMore, let frame = try socket.receiveFrame() { hasMore = frame.hasMore }
    return first.hasMore ? [] : first.bytes
  }

  /// Whether libzmq took the message. Never blocks; what was not taken is sent again by the session's own rules.
  package func send(_ payload: [UInt8]) -> Bool { socket.sendFrame(payload, hasMore: false) == 0 }

  package func wait(orFor wake: WakeSignal, milliseconds: Int) {
    waitFor(socket.pointer, wake, milliseconds: milliseconds)
    wake.clear()
  }
}
