// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How a program tells what it does: for people, or an object of JSON a line for machines.
package enum LogFormat: String, CaseIterable, Sendable {
  case text, json

  /// What `--log-format` says in these arguments, else `MUSTER_LOG_FORMAT`: known before they are parsed, so that a fault in
  /// them is told in it too.
  package static func given(in arguments: [String]) -> LogFormat {
    let flag = "--log-format"
    for (index, argument) in arguments.enumerated() {
      if argument == flag, index + 1 < arguments.count { return LogFormat(rawValue: arguments[index + 1]) ?? .text }
      if argument.hasPrefix(flag + "=") {
        return LogFormat(rawValue: String(argument.dropFirst(flag.count + 1))) ?? .text
      }
    }
    return getenv("MUSTER_LOG_FORMAT").flatMap { LogFormat(rawValue: String(cString: $0)) } ?? .text
  }
}

/// One event as a line of JSON.
package struct LogLine: Sendable {
  /// error: someone must act. notice: a state changed. info: the rest.
  package enum Level: String, Sendable { case error, warning, notice, info, debug }

  /// What the event is about; never a patient, never a value of a feature.
  package struct Fields: Sendable {
    package var event: String?
    package var trial: Int?
    package var fold: Int?
    package var rung: Int?
    package var attempt: String?
    package var worker: String?
    package var other: [(String, String)] = []

    package init(
      event: String? = nil, trial: Int? = nil, fold: Int? = nil, rung: Int? = nil, attempt: String? = nil,
      worker: String? = nil, other: [(String, String)] = []
    ) {
      (self.event, self.trial, self.fold, self.rung) = (event, trial, fold, rung)
      (self.attempt, self.worker, self.other) = (attempt, worker, other)
    }

    fileprivate var entries: [(String, JSONText)] {
      func text(_ name: String, _ value: String?) -> [(String, JSONText)] { value.map { [(name, .text($0))] } ?? [] }
      func integer(_ name: String, _ value: Int?) -> [(String, JSONText)] {
        value.map { [(name, .integer(Int64($0)))] } ?? []
      }
      return text("event", event) + integer("trial", trial) + integer("fold", fold) + integer("rung", rung)
        + text("attempt", attempt) + text("worker", worker) + other.map { ($0.0, .text($0.1)) }
    }
  }

  /// - Parameter milliseconds: since 1970.
  package static func json(_ level: Level, _ message: String, _ fields: Fields, at milliseconds: Int64) -> String {
    let head: [(String, JSONText)] = [
      ("time", .text(time(milliseconds))), ("level", .text(level.rawValue)), ("message", .text(message)),
    ]
    return JSONText.object(head + fields.entries).description
  }

  /// "2026-11-26T17:40:05.123Z"
  package static func time(_ milliseconds: Int64) -> String {
    var seconds = time_t(milliseconds / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let day =
      "\(digits(Int(parts.tm_year) + 1_900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
    let clock = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
    return "\(day)T\(clock).\(digits(Int(milliseconds % 1_000), 3))Z"
  }

  package static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
