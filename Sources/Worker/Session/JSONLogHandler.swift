// SPDX-License-Identifier: Apache-2.0

import Logging
import Reporting

/// `--log-format json`: swift-log's messages as a line of JSON each, on standard error.
struct JSONLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info
  private let console = Console(color: .never)

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
    let fields = LogLine.Fields(other: all.map { ($0.key, "\($0.value)") })
    console.draw(LogLine.json(Self.level(event.level), "\(event.message)", fields, at: LogLine.now()) + "\n")
  }

  private static func level(_ level: Logger.Level) -> LogLine.Level {
    switch level {
    case .trace, .debug: .debug
    case .info: .info
    case .notice: .notice
    case .warning: .warning
    case .error, .critical: .error
    }
  }
}
