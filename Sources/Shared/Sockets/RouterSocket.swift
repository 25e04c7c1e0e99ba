// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A connection of a peer, as libzmq names it. New with every reconnect, so nothing but the way back is read from it.
package struct PeerAddress: Hashable, Sendable {
  package let bytes: [UInt8]
  package init(bytes: [UInt8]) { self.bytes = bytes }
}

/// The coordinator's end: many peers, each message answered to the connection it came from. Used on one thread.
package final class RouterSocket {
  package enum Delivery: Hashable, Sendable {
    case queued
    /// The connection is gone.
    case unreachable
    /// The peer does not read: its queue is full.
    case full
  }

  private let socket: RawSocket
  /// The endpoint as bound, a free port filled in.
  package let endpoint: String

  package init(_ context: MessageContext, binding endpoint: Endpoint) throws(SocketError) {
    socket = try RawSocket(context, type: ZMQ_ROUTER, endpoint: endpoint.description, lingerMilliseconds: 500)
    try socket.set(ZMQ_ROUTER_MANDATORY, 1)
    guard zmq_bind(socket.pointer, endpoint.description) == 0 else {
      throw SocketError.last(endpoint.description, doing: "binding")
    }
    var bound = [CChar](repeating: 0, count: 256)
    var count = bound.count
    guard zmq_getsockopt(socket.pointer, ZMQ_LAST_ENDPOINT, &bound, &count) == 0 else {
      throw SocketError.last(endpoint.description, doing: "asking for the bound port")
    }
    self.endpoint = String(decoding: bound.prefix(max(count - 1, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The next message that waits. One with more than one payload frame is not ours: `payload` is then `nil`, and the shell
  /// counts it as malformed.
  package func receive() throws(SocketError) -> (peer: PeerAddress, payload: [UInt8]?)? {
    guard let address = try socket.receiveFrame() else { return nil }
    var frames: [[UInt8]] = []
    var hasMore = address.hasMore
    while hasMore, let frame = try socket.receiveFrame() {
      // A peer may send any number of frames; only the first two matter to the verdict.
      if frames.count < 2 { frames.append(frame.bytes) }
      hasMore = frame.hasMore
    }
    return (PeerAddress(bytes: address.bytes), frames.count == 1 ? frames[0] : nil)
  }

  /// Never blocks.
  package func send(_ payload: [UInt8], to peer: PeerAddress) throws(SocketError) -> Delivery {
    switch socket.sendFrame(peer.bytes, hasMore: true) {
    case 0: break
    case EHOSTUNREACH: return .unreachable
    case EAGAIN: return .full
    default: throw SocketError.last(endpoint, doing: "sending")
    }
    guard socket.sendFrame(payload, hasMore: false) == 0 else {
      throw SocketError.last(endpoint, doing: "sending")
    }
    return .queued
  }

  /// Waits until a message or a wake came, or the time is over.
  package func wait(orFor wake: WakeSignal, milliseconds: Int) {
    waitFor(socket.pointer, wake, milliseconds: milliseconds)
    wake.clear()
  }
}

/// Level-triggered wait on a socket and a wake signal; an interrupted wait counts as over.
func waitFor(_ socket: UnsafeMutableRawPointer, _ wake: WakeSignal, milliseconds: Int) {
  var items = [
    zmq_pollitem_t(socket: socket, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0),
    zmq_pollitem_t(socket: nil, fd: wake.descriptor, events: Int16(ZMQ_POLLIN), revents: 0),
  ]
  zmq_poll(&items, 2, milliseconds)
}
