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

  /// A message and who sent it.
  package struct Arrival: Sendable {
    package let peer: PeerAddress
    /// `nil` for one of more or fewer frames than one: not ours, and for the shell to count as malformed.
    package let payload: [UInt8]?
    /// All its bytes, wanted or not.
    package let byteCount: Int
    /// The key that its connection was let in with; `nil` on a plain socket.
    package let key: PublicKey?
    /// The connection's descriptor: see `Connection`.
    package let descriptor: Int32?

    package init(peer: PeerAddress, payload: [UInt8]?, byteCount: Int, key: PublicKey?, descriptor: Int32?) {
      self.peer = peer
      self.payload = payload
      self.byteCount = byteCount
      self.key = key
      self.descriptor = descriptor
    }
  }

  /// Messages kept for a peer that is slow to read, and taken from one before it has to wait: the memory a peer can hold.
  package struct Queues: Sendable {
    let sendQueuedMax: Int32
    let receiveQueuedMax: Int32
    /// The kernel's share: by itself it lets one peer that never reads hold megabytes.
    let sendBufferBytes: Int32
    /// IP's type of service: what a router that looks at it does with a packet when the line is full.
    let service: Int32

    /// Small messages, minimal delay.
    package static let control = Queues(
      sendQueuedMax: 256, receiveQueuedMax: 32, sendBufferBytes: 1 << 17, service: 0x10)
    /// Chunks of a quarter of a mebibyte, after all else (RFC 3662).
    package static let bulk = Queues(sendQueuedMax: 4, receiveQueuedMax: 8, sendBufferBytes: 1 << 20, service: 0x20)
  }

  private let socket: RawSocket
  private let security: RouterSecurity
  /// The endpoint as bound, a free port filled in.
  package let endpoint: String

  /// Binds. With CURVE, a random key is first shown to be refused, on a port of loopback that nobody knows.
  ///
  /// - Throws: `.notLoopback` for a plain socket that other machines could reach; `.unfit` when a random key gets in.
  package init(
    _ context: MessageContext, binding endpoint: Endpoint, security: RouterSecurity = .plain,
    queues: Queues = .control
  ) throws(SocketError) {
    guard endpoint.isLoopback || !security.isPlain else {
      throw SocketError.notLoopback(
        endpoint, "to listen on a network, make keys (`muster keys new coordinator --keys DIR`) and add --keys DIR")
    }
    let socket = try Self.makeSocket(context, endpoint, security, queues)
    if case .curve(let keys, let handler) = security {
      try requireSecureLibrary()
      guard handler.context === context else {
        throw SocketError(
          code: .unfit, endpoint: endpoint.description, detail: "the ZAP handler is of another context: nobody asks it")
      }
      try proveRefusal(socket, keys.publicKey, handler)
    }
    self.socket = socket
    self.security = security
    self.endpoint = try socket.bind(endpoint.description)
  }

  private static func makeSocket(
    _ context: MessageContext, _ endpoint: Endpoint, _ security: RouterSecurity, _ queues: Queues
  ) throws(SocketError) -> RawSocket {
    let socket = try RawSocket(context, type: ZMQ_ROUTER, endpoint: endpoint.description, lingerMilliseconds: 500)
    try socket.set(ZMQ_ROUTER_MANDATORY, 1)
    try socket.set(ZMQ_SNDHWM, queues.sendQueuedMax)
    try socket.set(ZMQ_RCVHWM, queues.receiveQueuedMax)
    try socket.set(ZMQ_SNDBUF, queues.sendBufferBytes)
    try socket.set(ZMQ_TOS, queues.service)
    // A cluster that comes back after a restart connects within a second.
    try socket.set(ZMQ_BACKLOG, 2_048)
    // Connections whose machine vanished are found and their memory freed.
    try socket.set(ZMQ_TCP_KEEPALIVE, 1)
    try socket.set(ZMQ_TCP_KEEPALIVE_IDLE, 60)
    try socket.set(ZMQ_TCP_KEEPALIVE_INTVL, 10)
    try socket.set(ZMQ_TCP_KEEPALIVE_CNT, 3)
    if endpoint.host.hasPrefix("[") { try socket.set(ZMQ_IPV6, 1) }
    try socket.secure(security)
    return socket
  }

  /// The next message that waits.
  package func receive() throws(SocketError) -> Arrival? {
    guard let address = try socket.receiveFrame() else { return nil }
    var frames: [RawSocket.SignedFrame] = []
    var (frameCount, byteCount) = (0, 0)
    var hasMore = address.hasMore
    while hasMore, let frame = try socket.receiveSignedFrame() {
      // A peer may send any number of frames; only the first matters to the verdict.
      if frames.isEmpty { frames.append(frame) }
      frameCount += 1
      byteCount += frame.bytes.count
      hasMore = frame.hasMore
    }
    let first = frames.first
    return Arrival(
      peer: PeerAddress(bytes: address.bytes), payload: frameCount == 1 ? first?.bytes : nil, byteCount: byteCount,
      key: first?.userID.flatMap { PublicKey(hex: $0) }, descriptor: first?.descriptor)
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

/// How a wait ended.
enum WaitEnd { case message, wake, time, failed }

/// Level-triggered wait on a socket and a wake signal; an interrupted wait counts as over.
@discardableResult
func waitFor(_ socket: UnsafeMutableRawPointer, _ wake: WakeSignal, milliseconds: Int) -> WaitEnd {
  var items = [
    zmq_pollitem_t(socket: socket, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0),
    zmq_pollitem_t(socket: nil, fd: wake.descriptor, events: Int16(ZMQ_POLLIN), revents: 0),
  ]
  guard zmq_poll(&items, 2, milliseconds) >= 0 else { return zmq_errno() == EINTR ? .time : .failed }
  return items[1].revents != 0 ? .wake : items[0].revents != 0 ? .message : .time
}
