// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Dashboard
import Dispatch
import Reporting
import Tracking

struct DashboardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard", abstract: "Show a tracker in the browser, live while a sweep runs; it only reads.",
    discussion: """
      On this machine alone, unless --listen names another address; then the printed address holds a token. There is no TLS: between
      machines, a tunnel is better (ssh -L 8080:localhost:8080 HOST).

      Examples:
        muster dashboard --tracker runs/demo/tracker.db
        muster dashboard --tracker runs/demo/tracker.db --listen 0.0.0.0 --port 8080
      """)

  @Option(help: ArgumentHelp("The tracker's file. Default: $MUSTER_TRACKER.", valueName: "file"))
  var tracker: String?

  @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
  var listen = "127.0.0.1"

  @Option(help: ArgumentHelp("Port to listen on; 0 takes a free one.", valueName: "port"))
  var port = 8080

  @Option(
    help: ArgumentHelp("File with a token of 16 characters or more, instead of a new one each time.", valueName: "file")
  )
  var tokenFile: String?

  @OptionGroup var options: ConsoleOptions

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port: expected 0 to 65535, found \(port)") }
    let parts = listen.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, Int(parts[1]) != nil {
      throw ValidationError(
        "--listen: expected an address without a port, found \(listen); say --listen \(parts[0]) --port \(parts[1])")
    }
  }

  func run() throws {
    let path = try trackerPath(tracker)
    try asCommand { try TrackerReader(path: path).demandViews() }
    let isLoopback = ["127.0.0.1", "::1", "localhost"].contains(listen)
    let token = try givenToken() ?? (isLoopback ? nil : Self.newToken())
    let settings = DashboardServer.Settings(
      trackerPath: path, host: listen, port: port, token: token, version: codeVersion)
    let console = options.console
    let address = listen.contains(":") ? "[\(listen)]" : listen
    let ending = token.map { "/?token=" + $0 } ?? "/"
    let server = DashboardServer(settings, clock: { wallMilliseconds() })
    let outcome = Outcome()
    Task {
      do {
        try await server.run { port in console.print("http://\(address):\(port)\(ending)") }
      } catch {
        outcome.failure = "\(error)"
      }
      outcome.ended.signal()
    }
    outcome.ended.wait()
    guard let failure = outcome.failure else { return }
    throw CommandFailure(
      .tryAgain, "cannot listen on \(address):\(port): \(failure)", help: "name a free one with --port, or --port 0")
  }

  /// `failure` is written before `ended` is signalled and read after it was waited for.
  private final class Outcome: @unchecked Sendable {
    let ended = DispatchSemaphore(value: 0)
    var failure: String?
  }

  private func givenToken() throws -> String? {
    try tokenFile.map { try readToken($0) }
  }

  /// 128 random bits.
  private static func newToken() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<16).map { _ in
      let byte = String(UInt8.random(in: 0...255, using: &generator), radix: 16)
      return byte.count == 1 ? "0" + byte : byte
    }.joined()
  }
}
