// SPDX-License-Identifier: Apache-2.0

/// Where a coordinator listens or a worker connects.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  /// - Throws: `.badEndpoint` unless it is `tcp://<host>:<port>`, with `*` for any free port; `.notLoopback` for a host
  ///   that is not this machine's loopback: sessions are not encrypted or authenticated yet, so nothing may cross a network.
  package init(_ text: String) throws(SocketError) {
    let prefix = "tcp://"
    guard text.hasPrefix(prefix), let colon = text.lastIndex(of: ":"), colon >= text.index(text.startIndex, offsetBy: 6)
    else { throw Self.malformed(text) }
    let host = text[text.index(text.startIndex, offsetBy: prefix.count)..<colon]
    let port = text[text.index(after: colon)...]
    guard !host.isEmpty, port == "*" || UInt16(port) != nil else { throw Self.malformed(text) }
    guard host == "localhost" || host == "[::1]" || Self.isLoopbackIPv4(host) else {
      throw SocketError(
        code: .notLoopback, endpoint: text,
        detail: "only 127.0.0.0/8, [::1] and localhost are served until sessions are encrypted and authenticated")
    }
    description = text
  }

  private static func isLoopbackIPv4(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  private static func malformed(_ text: String) -> SocketError {
    SocketError(code: .badEndpoint, endpoint: text, detail: "expected tcp://127.0.0.1:<port>, or :* for any free port")
  }
}
