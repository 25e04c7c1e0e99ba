// SPDX-License-Identifier: Apache-2.0

internal import Tracking

/// Tells open pages that the tracker has changed. Looks once a second while a page listens, and never while none does.
actor ChangeFeed {
  private let lane: ReaderLane
  private var listeners: [Int: AsyncStream<String>.Continuation] = [:]
  private var nextListener = 0
  private var isWatching = false

  static let listenerLimit = 64

  init(lane: ReaderLane) { self.lane = lane }

  /// Lines of `text/event-stream`; `nil` where too many listen already.
  func listen() -> AsyncStream<String>? {
    guard listeners.count < Self.listenerLimit else { return nil }
    let number = nextListener
    nextListener += 1
    // A page that is behind needs the newest word alone.
    let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(2))
    continuation.onTermination = { _ in Task { await self.leave(number) } }
    listeners[number] = continuation
    if !isWatching {
      isWatching = true
      Task { await watch() }
    }
    return stream
  }

  private func leave(_ number: Int) { listeners[number] = nil }

  private func watch() async {
    var (last, quietSeconds) = (Int?.none, 0)
    while !listeners.isEmpty {
      if let now = try? await lane.run({ try $0.dataVersion() }) {
        if let last, now != last {
          let event = (try? await lane.run { try Self.newestEvent($0) }) ?? 0
          tell("id: \(event)\nevent: change\ndata: \(now)\n\n")
          quietSeconds = 0
        }
        last = now
      } else {
        tell("event: trouble\ndata: the tracker cannot be read\n\n")
      }
      quietSeconds += 1
      // A comment keeps the connection, and finds out those that are gone.
      if quietSeconds % 15 == 0 { tell(": still here\n\n") }
      try? await Task.sleep(for: .seconds(1))
    }
    isWatching = false
  }

  private func tell(_ text: String) { for listener in listeners.values { listener.yield(text) } }

  private static func newestEvent(_ reader: TrackerReader) throws -> Int {
    try reader.query("SELECT max(event_id) FROM event").rows.first?.first?.integer ?? 0
  }
}
