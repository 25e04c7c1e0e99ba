// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// libzmq's context: one a process, shared by its socket threads.
///
/// `@unchecked`: libzmq documents `zmq_ctx_*` as thread-safe, and the pointer is never changed.
package final class MessageContext: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer

  /// - Parameter socketCountMax: sockets of this process, not connections: a ROUTER with a thousand peers is one.
  package init(socketCountMax: Int32 = 1_023) throws(SocketError) {
    guard let pointer = zmq_ctx_new() else { throw SocketError.last("context", doing: "making the context") }
    self.pointer = pointer
    zmq_ctx_set(pointer, ZMQ_MAX_SOCKETS, socketCountMax)
    // Without it the context's end waits for every peer to take what was queued for it, which may be for ever.
    zmq_ctx_set(pointer, ZMQ_BLOCKY, 0)
  }

  deinit { zmq_ctx_term(pointer) }
}
