// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Tracking

@testable import Dashboard

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite struct GateTests {
  /// In real life: a page from elsewhere whose name resolves to 127.0.0.1 would read the tracker through the browser.
  @Test(arguments: [
    ("localhost:8080", true), ("127.0.0.1:8080", true), ("[::1]:8080", true), ("LOCALHOST", true),
    ("evil.example:8080", false), ("127.0.0.1.evil.example", false), ("localhost.evil.example", false), ("", false),
  ]) func loopback_isServedUnderItsNamesAlone(host: String, passes: Bool) {
    #expect((Gate(token: nil).judge(target: "/", host: host, cookies: nil) == .pass) == passes)
  }

  @Test func withoutAHost_isRefused() {
    #expect(Gate(token: nil).judge(target: "/", host: nil, cookies: nil) != .pass)
  }

  @Test func token_opensOnce_thenTheCookieDoes() {
    let gate = Gate(token: "0123456789abcdef")
    #expect(
      gate.judge(target: "/sweep?name=a%20b&token=0123456789abcdef", host: "h", cookies: nil)
        == .welcome(location: "/sweep?name=a%20b"))
    #expect(gate.judge(target: "/", host: "h", cookies: "x=1; muster_dashboard=0123456789abcdef") == .pass)
    for bad in [nil, "muster_dashboard=", "muster_dashboard=0123456789abcdeX", "muster_dashboard=0123456789abcdef0"] {
      #expect(gate.judge(target: "/", host: "h", cookies: bad) != .pass)
    }
    #expect(gate.judge(target: "/?token=0123456789abcdeX", host: "h", cookies: nil) != .pass)
  }

  /// No way to send a browser that was given a token to another server.
  @Test func welcome_staysHere() {
    #expect(
      Gate(token: "0123456789abcdef").judge(target: "//evil.example/?token=0123456789abcdef", host: "h", cookies: nil)
        == .welcome(location: "/evil.example/"))
  }
}

/// The server as shipped, on a free port of loopback.
@Suite(.serialized) struct ServerTests {
  private func serving(
    token: String? = nil, _ board: Board, _ body: (String) async throws -> Void
  ) async throws {
    let settings = DashboardServer.Settings(
      trackerPath: board.path, host: "127.0.0.1", port: 0, token: token, version: "test")
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let task = Task {
      try await DashboardServer(settings, clock: { 90_000_000 }).run { continuation.yield($0) }
    }
    defer { task.cancel() }
    for await port in ports {
      try await body("http://127.0.0.1:\(port)")
      break
    }
  }

  private func get(_ address: String, cookie: String? = nil) async throws -> (String, HTTPURLResponse) {
    var request = URLRequest(url: try #require(URL(string: address)))
    if let cookie { request.setValue(cookie, forHTTPHeaderField: "Cookie") }
    let session = URLSession(configuration: .ephemeral)
    let (data, response) = try await session.data(for: request)
    return (String(decoding: data, as: UTF8.self), try #require(response as? HTTPURLResponse))
  }

  @Test func page_comesWithItsPolicy_andItsScript() async throws {
    let board = try Board(trials: 40)
    try await serving(board) { root in
      let (body, response) = try await get(root + "/")
      #expect(response.statusCode == 200 && body.contains("readmission"))
      let policy = try #require(response.value(forHTTPHeaderField: "Content-Security-Policy"))
      #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
      #expect(response.value(forHTTPHeaderField: "Cache-Control") == "no-store")
      for path in [Assets.scriptPath, Assets.stylesheetPath] {
        #expect(body.contains(path))
        let (file, found) = try await get(root + path)
        #expect(found.statusCode == 200 && file.contains("SPDX-License-Identifier"))
        #expect(found.value(forHTTPHeaderField: "Cache-Control")?.contains("immutable") == true)
      }
      #expect(try await get(root + "/assets/../../etc/passwd").1.statusCode == 404)
    }
  }

  @Test func writingMethods_areRefused() async throws {
    let board = try Board(trials: 20)
    try await serving(board) { root in
      var request = URLRequest(url: try #require(URL(string: root + "/")))
      request.httpMethod = "POST"
      request.httpBody = Data("x".utf8)
      let (_, response) = try await URLSession(configuration: .ephemeral).data(for: request)
      #expect((response as? HTTPURLResponse)?.statusCode == 405)
    }
  }

  @Test func withAToken_nothingIsShownWithoutIt() async throws {
    let board = try Board(trials: 20)
    try await serving(token: "0123456789abcdef", board) { root in
      for path in ["/", "/events", Assets.scriptPath, "/sql?q=SELECT%201"] {
        let (body, response) = try await get(root + path)
        #expect(response.statusCode == 401 && !body.contains("readmission"))
      }
      let (body, _) = try await get(root + "/", cookie: "muster_dashboard=0123456789abcdef")
      #expect(body.contains("readmission"))
    }
  }

  /// In real life: a fold's result is committed while a page is open.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "not run: no curl here"),
    .timeLimit(.minutes(1)))
  func commit_isToldToOpenPages() async throws {
    let board = try Board(trials: 20)
    try await serving(board) { root in
      let change = Task { () -> String? in
        let (bytes, _) = try await Self.lines(root + "/events")
        for try await line in bytes where line.hasPrefix("event: ") { return line }
        return nil
      }
      let writing = Task {
        while !Task.isCancelled {
          let store = try TrackerStore(path: board.path, codeVersion: "test", at: 0)
          try store.tag(TrackedThing(sweep: "readmission", trial: nil), name: "now", value: "\(UUID())", at: 1)
          try store.close()
          try await Task.sleep(for: .milliseconds(300))
        }
      }
      let told = try await change.value
      #expect(told == "event: change")
      writing.cancel()
    }
  }

  /// Lines of a response as they come: FoundationNetworking has no `bytes(for:)`, so curl holds the connection.
  private static func lines(_ address: String) async throws -> (AsyncStream<String>, Process) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    process.arguments = ["-sN", "-m", "50", address]
    let pipe = Pipe()
    process.standardOutput = pipe
    let (stream, continuation) = AsyncStream.makeStream(of: String.self)
    pipe.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      if data.isEmpty { return continuation.finish() }
      for line in String(decoding: data, as: UTF8.self).split(separator: "\n") { continuation.yield(String(line)) }
    }
    continuation.onTermination = { _ in process.terminate() }
    try process.run()
    return (stream, process)
  }
}
