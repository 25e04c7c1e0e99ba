// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The TCP connection behind a peer, so that it can be cut: libzmq 4.3 has no call for it.
///
/// The descriptor is libzmq's and may be used again after the connection has ended; so the peer's address and port are
/// kept, and nothing is done to a descriptor that has another peer by then.
package struct Connection: Hashable, Sendable {
  private let descriptor: Int32
  /// `sockaddr` of the other end, address and port.
  private let name: [UInt8]

  /// `nil` when the descriptor is no connected socket any more.
  package init?(descriptor: Int32) {
    guard let name = Self.peerName(of: descriptor) else { return nil }
    self.descriptor = descriptor
    self.name = name
  }

  /// Ends it in both directions, whatever is still queued. libzmq then forgets the peer.
  package func cut() {
    guard Self.peerName(of: descriptor) == name else { return }
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  private static func peerName(of descriptor: Int32) -> [UInt8]? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      let bytes = UnsafeMutableRawPointer(pointer)
      guard getpeername(descriptor, bytes.assumingMemoryBound(to: sockaddr.self), &length) == 0 else { return nil }
      return Array(UnsafeRawBufferPointer(start: bytes, count: Int(length)))
    }
  }
}

/// Raises this process's limit of open files to what it may have: each connection is one, and a flood of them must not
/// take those that the tracker needs.
///
/// - Returns: the limit from now on.
@discardableResult
package func raiseDescriptorLimit() -> Int {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
  if limit.rlim_cur < limit.rlim_max {
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
  return Int(clamping: limit.rlim_cur)
}

/// No core dumps of this process: its memory holds a secret key.
package func forbidCoreDumps() {
  var limit = rlimit(rlim_cur: 0, rlim_max: 0)
  setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
}
