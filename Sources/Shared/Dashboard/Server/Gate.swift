// SPDX-License-Identifier: Apache-2.0

/// Who may see the pages.
///
/// On loopback whoever is on this machine, but only under one of its names: a page from elsewhere that had its own name resolved to
/// 127.0.0.1 (DNS rebinding) is refused. Beyond loopback, who has the token.
package struct Gate: Sendable {
  package enum Verdict: Equatable, Sendable {
    case pass
    /// The token was in the address: keep it in a cookie and go where it was asked for, without it.
    case welcome(location: String)
    case refuse(status: Int, message: String)
  }

  package static let cookieName = "muster_dashboard"

  /// `nil`: loopback only.
  private let token: String?

  package init(token: String?) { self.token = token }

  /// - Parameters:
  ///   - host: as the browser named the server, "localhost:8080".
  ///   - cookies: the header's text.
  ///   - authorization: the header's text, `Bearer TOKEN`: for programs, which keep no cookie.
  package func judge(target: String, host: String?, cookies: String?, authorization: String? = nil) -> Verdict {
    guard let token else {
      guard let host, Self.loopbackNames.contains(Self.name(of: host)) else {
        return .refuse(
          status: 403, message: "expected http://localhost or http://127.0.0.1, found \(host ?? "no name of a host")")
      }
      return .pass
    }
    if let kept = Self.cookie(Self.cookieName, in: cookies), Self.isEqual(kept, token) { return .pass }
    if let authorization, authorization.lowercased().hasPrefix("bearer ") {
      guard Self.isEqual(String(authorization.dropFirst(7)), token) else {
        return .refuse(status: 403, message: "the token is not this server's")
      }
      return .pass
    }
    let request = PageRequest(target: target, now: 0)
    if let given = request.first("token") {
      guard Self.isEqual(given, token) else { return .refuse(status: 403, message: "the token is not this server's") }
      let rest = request.items.filter { $0.key != "token" }.map { encoded($0.key) + "=" + encoded($0.value) }
      // A path only: "//elsewhere" would be another server.
      let path = "/" + request.path.drop { $0 == "/" || $0 == "\\" }
      return .welcome(location: path + (rest.isEmpty ? "" : "?" + rest.joined(separator: "&")))
    }
    return .refuse(status: 401, message: "expected the address that muster dashboard printed, which has a token in it")
  }

  package static func cookie(_ name: String, in header: String?) -> String? {
    header?.split(separator: ";").lazy.map { $0.drop { $0 == " " } }
      .first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
  }

  private static let loopbackNames: Set<String> = ["localhost", "127.0.0.1", "[::1]"]

  private static func name(of host: String) -> String {
    let lower = host.lowercased()
    if lower.hasPrefix("["), let end = lower.firstIndex(of: "]") { return String(lower[...end]) }
    return String(lower.prefix { $0 != ":" })
  }

  /// In a time that says nothing of where they differ.
  private static func isEqual(_ one: String, _ other: String) -> Bool {
    let (left, right) = (Array(one.utf8), Array(other.utf8))
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
