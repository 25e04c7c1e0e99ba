// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What libzmq this program has.
package enum MessageLibrary {
  package static var version: String {
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    zmq_version(&major, &minor, &patch)
    return "\(major).\(minor).\(patch)"
  }

  package static var hasCurve: Bool { zmq_has("curve") == 1 }
}

/// The first 64 bytes of a ZeroMQ listener, which say that it is one and whether it encrypts; nobody is disturbed by the question.
///
/// - Source: ZMTP 3.1 (RFC 37), "Greeting": signature 10 bytes, version 2, mechanism 20, as-server 1, filler 31.
package struct Greeting: Sendable {
  /// "NULL" or "CURVE".
  package let mechanism: String
  package let roundTripMilliseconds: Int64

  /// - Throws: `.failed`, with what to check.
  package static func ask(_ endpoint: Endpoint, timeoutMilliseconds: Int32 = 3_000) throws(SocketError) -> Greeting {
    func failure(_ detail: String) -> SocketError {
      SocketError(code: .failed, endpoint: endpoint.description, detail: detail)
    }
    let host = endpoint.host.hasPrefix("[") ? String(endpoint.host.dropFirst().dropLast()) : endpoint.host
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, endpoint.port, &hints, &found)
    guard status == 0, let first = found else {
      throw failure("\(host) has no address: \(String(cString: gai_strerror(status)))")
    }
    defer { freeaddrinfo(found) }
    let started = monotonicMilliseconds()
    let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw failure(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    let begun = connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen)
    guard begun == 0 || errno == EINPROGRESS else { throw failure(String(cString: strerror(errno))) }
    guard wait(descriptor, Int16(POLLOUT), timeoutMilliseconds) else {
      throw failure("nothing answers within \(timeoutMilliseconds) ms: a firewall, or the wrong address")
    }
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    guard code == 0 else { throw failure(String(cString: strerror(code))) }
    var own: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1] + Array("NULL".utf8)
    own += [UInt8](repeating: 0, count: 64 - own.count)
    guard own.withUnsafeBytes({ send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }) == 64 else {
      throw failure("it took no greeting")
    }
    var theirs: [UInt8] = []
    while theirs.count < 64 {
      guard wait(descriptor, Int16(POLLIN), timeoutMilliseconds) else { break }
      var piece = [UInt8](repeating: 0, count: 64)
      let count = piece.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, 64 - theirs.count, 0) }
      guard count > 0 else { break }
      theirs += piece.prefix(count)
    }
    guard theirs.count >= 32, theirs[0] == 0xFF, theirs[9] == 0x7F else {
      throw failure("something listens there, but it does not speak ZeroMQ")
    }
    let mechanism = String(decoding: theirs[12..<32].prefix { $0 != 0 }, as: UTF8.self)
    return Greeting(mechanism: mechanism, roundTripMilliseconds: monotonicMilliseconds() - started)
  }

  private static func wait(_ descriptor: Int32, _ events: Int16, _ milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: events, revents: 0)
    return poll(&entry, 1, milliseconds) == 1
  }
}

/// Whether somebody could listen on a port of loopback: it is bound, and given up again.
package func portIsFree(_ port: UInt16) -> Bool {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard descriptor >= 0 else { return false }
  defer { close(descriptor) }
  var isReused: Int32 = 1
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
}
