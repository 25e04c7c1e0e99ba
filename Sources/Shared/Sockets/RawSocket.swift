// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One libzmq socket. Not Sendable: it is made, used and closed on one thread.
final class RawSocket {
  let pointer: UnsafeMutableRawPointer
  let endpoint: String
  private let context: MessageContext
  private let message = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)

  /// Largest message either side takes; libzmq cuts the connection of a peer that sends more.
  static let messageBytesMax: Int64 = 1 << 20

  init(_ context: MessageContext, type: Int32, endpoint: String, lingerMilliseconds: Int32) throws(SocketError) {
    guard let pointer = zmq_socket(context.pointer, type) else {
      throw SocketError.last(endpoint, doing: "making the socket")
    }
    self.context = context
    self.pointer = pointer
    self.endpoint = endpoint
    try set(ZMQ_LINGER, lingerMilliseconds)
    try set(ZMQ_HANDSHAKE_IVL, 5_000)
    try set(ZMQ_RECONNECT_IVL, 50)
    try set(ZMQ_RECONNECT_IVL_MAX, 2_000)
    var limit = Self.messageBytesMax
    guard zmq_setsockopt(pointer, ZMQ_MAXMSGSIZE, &limit, 8) == 0 else {
      throw SocketError.last(endpoint, doing: "limiting messages")
    }
  }

  deinit {
    zmq_close(pointer)
    message.deallocate()
  }

  func set(_ option: Int32, _ value: Int32) throws(SocketError) {
    var value = value
    guard zmq_setsockopt(pointer, option, &value, 4) == 0 else {
      throw SocketError.last(endpoint, doing: "setting option \(option)")
    }
  }

  func set(_ option: Int32, _ value: [UInt8]) throws(SocketError) {
    guard zmq_setsockopt(pointer, option, value, value.count) == 0 else {
      throw SocketError.last(endpoint, doing: "setting option \(option)")
    }
  }

  /// One frame and whether more of its message follow; `nil` when nothing waits.
  func receiveFrame() throws(SocketError) -> (bytes: [UInt8], hasMore: Bool)? {
    try receive { message in
      let bytes = UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))
      return (Array(bytes), zmq_msg_more(message) != 0)
    }
  }

  /// As `receiveFrame`, with who sent it: the `User-Id` that the ZAP handler gave its connection, and that connection's
  /// descriptor.
  func receiveSignedFrame() throws(SocketError) -> SignedFrame? {
    try receive { message in
      let bytes = UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))
      // "__fd" is what the deprecated ZMQ_SRCFD reads; nothing else leads from a message to its connection.
      return SignedFrame(
        bytes: Array(bytes), hasMore: zmq_msg_more(message) != 0,
        userID: zmq_msg_gets(message, "User-Id").map { String(cString: $0) },
        descriptor: zmq_msg_gets(message, "__fd").map { atoi($0) })
    }
  }

  struct SignedFrame {
    let bytes: [UInt8]
    let hasMore: Bool
    let userID: String?
    let descriptor: Int32?
  }

  /// All frames of the next message; `nil` when nothing waits or the socket has failed.
  func receiveMessage() -> [[UInt8]]? {
    guard let first = try? receiveFrame() else { return nil }
    var frames = [first.bytes]
    var hasMore = first.hasMore
    while hasMore, let frame = try? receiveFrame() {
      frames.append(frame.bytes)
      hasMore = frame.hasMore
    }
    return frames
  }

  private func receive<Frame>(
    _ read: (UnsafeMutablePointer<zmq_msg_t>) -> Frame
  ) throws(SocketError) -> Frame? {
    zmq_msg_init(message)
    defer { zmq_msg_close(message) }
    guard zmq_msg_recv(message, pointer, ZMQ_DONTWAIT) >= 0 else {
      switch zmq_errno() {
      case EAGAIN, EINTR: return nil
      default: throw SocketError.last(endpoint, doing: "receiving")
      }
    }
    return read(message)
  }

  /// 0, or the number of the error. Never blocks.
  func sendFrame(_ bytes: [UInt8], hasMore: Bool) -> Int32 {
    let flags = ZMQ_DONTWAIT | (hasMore ? ZMQ_SNDMORE : 0)
    let sent = bytes.withUnsafeBytes { zmq_send(pointer, $0.baseAddress, $0.count, flags) }
    return sent >= 0 ? 0 : zmq_errno()
  }
}
