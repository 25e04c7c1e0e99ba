// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Reporting
import Tracking

/// The pages over HTTP/1.1, until its task is cancelled.
package struct DashboardServer: Sendable {
  package struct Settings: Sendable {
    package let trackerPath: String
    package let host: String
    package let port: Int
    /// Needed beyond loopback.
    package let token: String?
    package let version: String
    /// What the process that serves adds to `/metrics`; asked at every scrape.
    package let liveMetrics: @Sendable () -> String

    package init(
      trackerPath: String, host: String, port: Int, token: String?, version: String,
      liveMetrics: @escaping @Sendable () -> String = { "" }
    ) {
      (self.trackerPath, self.host, self.port) = (trackerPath, host, port)
      (self.token, self.version) = (token, version)
      self.liveMetrics = liveMetrics
    }

    package var isLoopback: Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }
  }

  private let settings: Settings
  private let site: Site
  private let gate: Gate
  private let lanes: [ReaderLane]
  private let statementLane: ReaderLane
  private let feed: ChangeFeed
  private let clock: @Sendable () -> Int64

  /// - Parameter clock: milliseconds since 1970.
  package init(_ settings: Settings, clock: @escaping @Sendable () -> Int64) {
    precondition(settings.isLoopback || settings.token != nil, "beyond loopback the dashboard needs a token")
    self.settings = settings
    self.clock = clock
    site = Site(trackerPath: settings.trackerPath, version: settings.version)
    gate = Gate(token: settings.isLoopback ? settings.token : settings.token ?? "")
    lanes = (0..<3).map { ReaderLane(path: settings.trackerPath, name: "pages-\($0)") }
    statementLane = ReaderLane(path: settings.trackerPath, name: "sql")
    feed = ChangeFeed(lane: ReaderLane(path: settings.trackerPath, name: "changes"))
  }

  /// - Parameter ready: told the port, once it listens.
  package func run(ready: @escaping @Sendable (Int) -> Void) async throws {
    var logger = Logger(label: "muster.dashboard")
    logger.logLevel = .error
    let application = Application(
      responder: CallbackResponder<BasicRequestContext> { request, _ in await respond(to: request) },
      configuration: ApplicationConfiguration(
        address: .hostname(settings.host, port: settings.port),
        availableConnectionsDelegate: MaximumAvailableConnections(256)),
      onServerRunning: { channel in ready(channel.localAddress?.port ?? settings.port) }, logger: logger)
    try await application.run()
  }

  private func respond(to request: Request) async -> Response {
    guard request.method == .get || request.method == .head else {
      return text(405, "expected GET: this server only shows")
    }
    let target = request.head.path ?? "/"
    let verdict = gate.judge(
      target: target, host: request.head.authority, cookies: request.headers[.cookie],
      authorization: request.headers[.authorization])
    switch verdict {
    case .pass: break
    case .refuse(let status, let message): return text(status, message)
    case .welcome(let location):
      var response = text(303, "welcome")
      response.headers[.location] = location
      response.headers[.setCookie] =
        "\(Gate.cookieName)=\(settings.token ?? ""); Path=/; HttpOnly; SameSite=Strict"
      return response
    }
    let path = String(target.prefix { $0 != "?" })
    if let file = Assets.file(at: path) { return asset(file) }
    if path == "/events" { return await events() }
    if path == "/metrics" { return await metrics() }
    return await page(target, cookies: request.headers[.cookie])
  }

  private func page(_ target: String, cookies: String?) async -> Response {
    let request = PageRequest(target: target, theme: Gate.cookie("muster_theme", in: cookies), now: clock())
    // Statements of people's own wait for each other, not for pages, and no page waits for them.
    let lane = request.path.hasPrefix("/sql") ? statementLane : lanes[Int.random(in: 0..<lanes.count)]
    let site = site
    do {
      let answer = try await lane.run { site.answer(request, $0) }
      return response(
        answer.status, answer.contentType, ByteBuffer(string: answer.body), cache: "no-store")
    } catch {
      return text(500, "\(error)")
    }
  }

  /// For Prometheus: what the tracker says, and what only a running coordinator knows.
  private func metrics() async -> Response {
    let version = settings.version
    do {
      let text = try await statementLane.run { try TrackerMetrics($0, version: version).text() }
      return response(
        200, MetricText.contentType, ByteBuffer(string: text + settings.liveMetrics()), cache: "no-store")
    } catch {
      return self.text(503, "\(error)")
    }
  }

  private func asset(_ file: Assets.File) -> Response {
    response(200, file.contentType, ByteBuffer(bytes: file.bytes), cache: "public, max-age=31536000, immutable")
  }

  private func events() async -> Response {
    guard let stream = await feed.listen() else { return text(503, "too many open pages") }
    var headers = Self.headers
    headers[.contentType] = "text/event-stream"
    headers[.cacheControl] = "no-store"
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody { writer in
        try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
        for await text in stream { try await writer.write(ByteBuffer(string: text)) }
        try await writer.finish(nil)
      })
  }

  private func text(_ status: Int, _ message: String) -> Response {
    response(status, "text/plain; charset=utf-8", ByteBuffer(string: message + "\n"), cache: "no-store")
  }

  private func response(_ status: Int, _ contentType: String, _ body: ByteBuffer, cache: String) -> Response {
    var headers = Self.headers
    headers[.contentType] = contentType
    headers[.cacheControl] = cache
    return Response(status: HTTPResponse.Status(code: status), headers: headers, body: ResponseBody(byteBuffer: body))
  }

  /// Nothing from elsewhere, no script or style in a page, in nobody's frame.
  package static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'self'; "
    + "base-uri 'none'; frame-ancestors 'none'"

  private static let headers: HTTPFields = {
    var headers = HTTPFields()
    let all = [
      ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
      ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
      ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    for (name, value) in all {
      if let field = HTTPField.Name(name) { headers[field] = value }
    }
    return headers
  }()
}
