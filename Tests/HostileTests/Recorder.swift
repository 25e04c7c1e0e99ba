// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sockets

/// A TCP relay for one connection that keeps what the client said.
final class Recorder: Sendable {
  let port: UInt16
  private let bytes = Locked<[UInt8]>([])
  private let listener: Int32

  struct Failed: Error {}

  init(forwardingTo target: UInt16) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 && listen(descriptor, 1) == 0
          && getsockname(descriptor, generic, &length) == 0
      }
    }
    guard isBound else {
      close(descriptor)
      throw Failed()
    }
    listener = descriptor
    port = UInt16(bigEndian: address.sin_port)
    let bytes = bytes
    Thread.detachNewThread {
      let client = accept(descriptor, nil, nil)
      defer { close(client) }
      guard client >= 0, let server = RawClient(port: target) else { return }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        var items = [
          pollfd(fd: client, events: Int16(POLLIN), revents: 0),
          pollfd(fd: server.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&items, 2, 30_000) > 0 else { return }
        for (index, item) in items.enumerated() where item.revents != 0 {
          let count = recv(item.fd, &buffer, buffer.count, 0)
          guard count > 0 else { return }
          let said = Array(buffer.prefix(count))
          if index == 0 { bytes.withLock { $0 += said } }
          let other = index == 0 ? server.descriptor : client
          guard send(other, said, said.count, Int32(MSG_NOSIGNAL)) == said.count else { return }
        }
      }
    }
  }

  deinit { close(listener) }

  var said: [UInt8] { bytes.withLock { $0 } }
}
