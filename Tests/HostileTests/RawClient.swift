// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A TCP connection to this machine that says whatever bytes it is given.
final class RawClient {
  let descriptor: Int32

  /// `nil` when nobody listens.
  init?(port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Whether all was taken; the other side may have hung up.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// What comes before the other side hangs up, or `nil` when it has not within `milliseconds`.
  func readToEnd(milliseconds: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let deadline = Date(timeIntervalSinceNow: Double(milliseconds) / 1_000)
    while Date() < deadline {
      var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&item, 1, 100) > 0 else { continue }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return bytes }
      bytes += buffer.prefix(count)
    }
    return nil
  }
}

/// Bytes that are no session of ours. Each must be hung up on, or at least never be answered with more than a greeting.
enum HostileBytes {
  /// ZMTP 3 greeting: signature, version, mechanism in 20 bytes, as-server, filler.
  private static func greeting(_ mechanism: String, minor: UInt8 = 0) -> [UInt8] {
    let name = Array(mechanism.utf8) + [UInt8](repeating: 0, count: 20 - mechanism.utf8.count)
    return [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, minor] + name + [UInt8](repeating: 0, count: 32)
  }

  private static func command(_ name: String, _ body: [UInt8]) -> [UInt8] {
    [0x04, UInt8(1 + name.utf8.count + body.count), UInt8(name.utf8.count)] + Array(name.utf8) + body
  }

  static let all: [(name: String, bytes: [UInt8])] = [
    ("ZMTP 1.0", [1, 0]),
    ("ZMTP 2.0", [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 5, 0, 0]),
    ("ZMTP 3 NULL", greeting("NULL") + command("READY", [])),
    ("ZMTP 3 PLAIN", greeting("PLAIN") + command("HELLO", [1, 0x61, 1, 0x62])),
    ("ZMTP 3 CURVE, then a frame without handshake", greeting("CURVE") + [0, 3, 1, 2, 3]),
    ("ZMTP 3 CURVE, then a frame of 2^63 bytes", greeting("CURVE") + [2, 0x7F, 255, 255, 255, 255, 255, 255, 255]),
    ("ZMTP 3 CURVE, HELLO of zeros", greeting("CURVE") + command("HELLO", [UInt8](repeating: 0, count: 194))),
    ("ZMTP 3 CURVE, INITIATE first", greeting("CURVE") + command("INITIATE", [UInt8](repeating: 7, count: 200))),
    ("HTTP", Array("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)),
    ("TLS", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3] + [UInt8](repeating: 9, count: 512)),
    ("random", random(65_536)),
    ("zeros", [UInt8](repeating: 0, count: 4_096)),
    ("all ones", [UInt8](repeating: 255, count: 4_096)),
  ]

  /// What `pickle.dumps` of an object whose reduction is `os.system("id")` gives, in protocols 0 and 2; a marshalled code
  /// object's head; an NSKeyedArchiver property list's; a YAML tag that older loaders run.
  static let pickles: [[UInt8]] = [
    Array("cposix\nsystem\np0\n(S'id'\np1\ntp2\nRp3\n.".utf8),
    [0x80, 2] + Array("cposix\nsystem\nq".utf8) + [0, 0x58, 2, 0, 0, 0] + Array("id".utf8)
      + [0x71, 1, 0x85, 0x71, 2, 0x52, 0x71, 3, 0x2E],
    [0xE3, 0, 0, 0, 0, 0, 0, 0, 0],
    Array("bplist00".utf8) + [0xD4, 1, 2, 3, 4],
    Array("!!python/object/apply:os.system ['id']\n".utf8),
  ]

  /// xorshift64: the same bytes in each run.
  private static func random(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return UInt8(truncatingIfNeeded: state)
    }
  }
}
