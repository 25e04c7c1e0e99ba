// SPDX-License-Identifier: Apache-2.0

import Foundation
import PeerKit
import Testing

@testable import Dashboard

/// The pages in a real browser: `Browser/check.py` (Playwright, chromium). Where they are missing this is skipped and says so.
@Suite(.serialized) struct BrowserTests {
  private static let canLook =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium") && PeerPython.has("playwright")

  @Test(
    .enabled(if: canLook, "not run: needs /usr/bin/chromium and a Python with playwright (MUSTER_PEERS)"),
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
      let (status, text) = try await Task.detached {
        try PeerPython.run([script, "http://127.0.0.1:\(port)", board.path])
      }.value
      #expect(status == 0, "\(text)")
      break
    }
  }
}
