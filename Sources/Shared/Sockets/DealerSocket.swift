// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// The worker's end of a session. Used on one thread; after a silence it is thrown away and made anew, because one flipped
/// bit on the line can leave a DEALER that never reconnects.
package final class DealerSocket {
  private let socket: RawSocket
  package let endpoint: String

  package init(_ context: MessageContext, connecting endpoint: Endpoint) throws(SocketError) {
    socket = try RawSocket(context, type: ZMQ_DEALER, endpoint: endpoint.description, lingerMilliseconds: 500)
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
