// SPDX-License-Identifier: Apache-2.0

/// Where a coordinator listens or a worker connects. Whether it may be used without keys is for the sockets to say.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  package let description: String
  package let host: String
  /// `*` for any free port.
  package let port: String

  /// - Throws: `.badEndpoint` unless it is `tcp://<host>:<port>`; the host is a name, an IPv4 address, an IPv6 address in
  ///   brackets or, for a listener, `*`.
  package init(_ text: String) throws(SocketError) {
    let prefix = "tcp://"
    guard text.hasPrefix(prefix), let colon = text.lastIndex(of: ":"), colon >= text.index(text.startIndex, offsetBy: 6)
    else { throw Self.malformed(text) }
    let host = text[text.index(text.startIndex, offsetBy: prefix.count)..<colon]
    let port = text[text.index(after: colon)...]
    guard Self.isHost(host), port == "*" || UInt16(port) != nil else { throw Self.malformed(text) }
    description = text
    self.host = String(host)
    self.port = String(port)
  }

  /// Reached from this machine alone.
  package var isLoopback: Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Another port of the same host.
  package func withPort(_ port: Int) throws(SocketError) -> Endpoint { try Endpoint("tcp://\(host):\(port)") }

  /// Where a worker on the listener's own machine connects: its loopback when it listens everywhere.
  package func onThisMachine() throws(SocketError) -> Endpoint {
    switch host {
    case "*", "0.0.0.0": try Endpoint("tcp://127.0.0.1:\(port)")
    case "[::]": try Endpoint("tcp://[::1]:\(port)")
    default: self
    }
  }

  private static func isHost(_ host: Substring) -> Bool {
    if host == "*" { return true }
    if host.hasPrefix("["), host.hasSuffix("]") {
      let address = host.dropFirst().dropLast()
      return !address.isEmpty && address.utf8.allSatisfy { isHexDigit($0) || $0 == UInt8(ascii: ":") }
    }
    return !host.isEmpty && host.utf8.allSatisfy { isLetterOrDigit($0) || "-._".utf8.contains($0) }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool { Character(UnicodeScalar(byte)).isHexDigit }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    byte < 0x80 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
  }

  private static func malformed(_ text: String) -> SocketError {
    SocketError(
      code: .badEndpoint, endpoint: text, detail: "expected tcp://<address>:<port>, or :* for any free port")
  }
}
