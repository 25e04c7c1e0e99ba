// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Serves fixed bytes over HTTP on a free port of the loopback, one connection at a time.
final class LocalServer: Sendable {
  enum Answer: Sendable {
    case file([UInt8])
    /// Promises more than it sends.
    case cut([UInt8])
  }

  let port: UInt16
  private let descriptor: Int32

  init(_ files: [String: Answer]) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isUp = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, generic, &length) == 0
      }
    }
    guard isUp else { throw CocoaError(.fileReadUnknown) }
    port = UInt16(bigEndian: address.sin_port)
    Thread { Self.serve(descriptor, files) }.start()
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  var base: String { "http://127.0.0.1:\(port)/demo" }

  private static func serve(_ descriptor: Int32, _ files: [String: Answer]) {
    while true {
      let connection = accept(descriptor, nil, nil)
      guard connection >= 0 else { return }
      var request = [UInt8](repeating: 0, count: 8_192)
      let count = read(connection, &request, request.count)
      let line = String(decoding: request.prefix(max(count, 0)), as: UTF8.self).split(separator: " ")
      let name = line.count > 1 ? line[1].split(separator: "/").last.map(String.init) ?? "" : ""
      switch files[name] {
      case .file(let bytes): send(connection, head(200, bytes.count) + bytes)
      case .cut(let bytes): send(connection, head(200, bytes.count + 1_000) + bytes)
      case nil: send(connection, head(404, 0))
      }
      close(connection)
    }
  }

  private static func head(_ status: Int, _ length: Int) -> [UInt8] {
    Array("HTTP/1.1 \(status) X\r\nContent-Length: \(length)\r\nConnection: close\r\n\r\n".utf8)
  }

  private static func send(_ connection: Int32, _ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
