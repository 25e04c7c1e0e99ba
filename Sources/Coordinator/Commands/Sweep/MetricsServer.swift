// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Dashboard
import Dispatch
import Reporting
import Sockets

/// Serves pages and `/metrics` of a sweep from the process that runs it.
struct MetricsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Serve the dashboard and /metrics (Prometheus) while the sweep runs; beyond loopback with --http-token-file.",
      valueName: "address:port"))
  var http: String?

  @Option(
    help: ArgumentHelp(
      "A file with a token of 16 characters or more, for --http: a browser's ?token= or Authorization: Bearer.",
      valueName: "file"))
  var httpTokenFile: String?

  func validate() throws {
    guard let http else { return }
    guard Self.parts(of: http) != nil else {
      throw ValidationError("--http: expected ADDRESS:PORT or PORT, found \(http)")
    }
  }

  /// "127.0.0.1:9464", "[::1]:9464" or "9464", which is of loopback.
  static func parts(of text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":") else {
      return Int(text).flatMap { (0...65_535).contains($0) ? ("127.0.0.1", $0) : nil }
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard !host.isEmpty, let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else {
      return nil
    }
    return (host, port)
  }

  /// Listens, or says why it cannot: a sweep that is to be watched does not start unwatched.
  ///
  /// - Returns: what the session writes its metrics to; `nil` without `--http`.
  func start(trackerPath: String, console: Console) throws -> Locked<String>? {
    guard let http, let (host, port) = Self.parts(of: http) else { return nil }
    let token = try httpTokenFile.map { try readToken($0) }
    let isLoopback = ["127.0.0.1", "::1", "localhost"].contains(host)
    guard isLoopback || token != nil else {
      throw CommandFailure(
        .usage, "--http \(http) is beyond this machine's loopback, and nothing is served there without a token",
        help: "openssl rand -hex 16 > token; chmod 600 token; add --http-token-file token")
    }
    let board = Locked("")
    let settings = DashboardServer.Settings(
      trackerPath: trackerPath, host: host, port: port, token: token, version: codeVersion,
      liveMetrics: { board.withLock { $0 } })
    let outcome = Outcome()
    let address = host.contains(":") ? "[\(host)]" : host
    Task {
      do {
        try await DashboardServer(settings, clock: { wallMilliseconds() }).run { port in
          outcome.port = port
          outcome.ready.signal()
        }
      } catch {
        outcome.failure = "\(error)"
        outcome.ready.signal()
      }
    }
    outcome.ready.wait()
    if let failure = outcome.failure {
      throw CommandFailure(.tryAgain, "cannot listen on \(http): \(failure)", help: "name a free port, or 0")
    }
    console.note("dashboard and metrics: http://\(address):\(outcome.port)/ and /metrics")
    return board
  }

  /// Written before `ready` is signalled, read after it was waited for.
  private final class Outcome: @unchecked Sendable {
    let ready = DispatchSemaphore(value: 0)
    var port = 0
    var failure: String?
  }
}

/// A lasting token of 16 or more letters, digits, `-` and `_`.
func readToken(_ file: String) throws -> String {
  guard let text = readText(file) else {
    throw CommandFailure(.inputMissing, "no token file \(file)", help: "openssl rand -hex 16 > \(file)")
  }
  let token = text.trimmed
  let isPlain = token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  guard token.count >= 16, isPlain else {
    throw CommandFailure(
      .badInput, "token file \(file): expected 16 or more letters, digits, - and _, found \(token.count) characters",
      help: "openssl rand -hex 16 > \(file)")
  }
  return token
}
