// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Dashboard

/// The pages in a real browser: `Browser/check.py` (Playwright, chromium). Where they are missing this is skipped and says so.
@Suite(.serialized) struct BrowserTests {
  private static let python: String? = {
    let named = ProcessInfo.processInfo.environment["MUSTER_PYTHON"].map { [$0] } ?? []
    return (named + ["/work/peers/bin/python", "/usr/bin/python3"]).first { path in
      FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium")
        && (try? run(path, ["-c", "import playwright"]))?.0 == 0
    }
  }()

  private static func run(_ program: String, _ arguments: [String]) throws -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  @Test(
    .enabled(if: python != nil, "not run: needs /usr/bin/chromium and a Python with playwright (MUSTER_PYTHON)"),
    .timeLimit(.minutes(3)))
  func pages_workInABrowser() async throws {
    let board = try Board(trials: 200)
    let settings = DashboardServer.Settings(
      trackerPath: board.path, host: "127.0.0.1", port: 0, token: nil, version: "test")
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let task = Task { try await DashboardServer(settings, clock: { 90_000_000 }).run { continuation.yield($0) } }
    defer { task.cancel() }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Browser/check.py")
      .path
    for await port in ports {
      let python = try #require(Self.python)
      let (status, text) = try await Task.detached {
        try Self.run(python, [script, "http://127.0.0.1:\(port)", board.path])
      }.value
      #expect(status == 0, "\(text)")
      break
    }
  }
}
