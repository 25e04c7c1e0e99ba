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

  /// One frame and whether more of its message follow; `nil` when nothing waits.
  func receiveFrame() throws(SocketError) -> (bytes: [UInt8], hasMore: Bool)? {
    zmq_msg_init(message)
    defer { zmq_msg_close(message) }
    guard zmq_msg_recv(message, pointer, ZMQ_DONTWAIT) >= 0 else {
      switch zmq_errno() {
      case EAGAIN, EINTR: return nil
      default: throw SocketError.last(endpoint, doing: "receiving")
      }
    }
    let bytes = UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))
    return (Array(bytes), zmq_msg_more(message) != 0)
  }

  /// 0, or the number of the error. Never blocks.
  func sendFrame(_ bytes: [UInt8], hasMore: Bool) -> Int32 {
    let flags = ZMQ_DONTWAIT | (hasMore ? ZMQ_SNDMORE : 0)
    let sent = bytes.withUnsafeBytes { zmq_send(pointer, $0.baseAddress, $0.count, flags) }
    return sent >= 0 ? 0 : zmq_errno()
  }
}
