// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The terminal, or what stands in for it: data goes to standard output, progress and errors to standard error.
///
/// Writes go through write(2): in Swift 6 `stdout` is a global that no thread may touch.
package struct Console: Sendable {
  package enum ColorChoice: String, CaseIterable, Sendable { case auto, always, never }

  /// Standard error is a terminal that can be redrawn.
  package let isLive: Bool
  /// Standard output is a terminal.
  package let isOutputTerminal: Bool
  package let hasColor: Bool
  /// What standard error is written in.
  package let logFormat: LogFormat

  package init(color: ColorChoice = .auto, logFormat: LogFormat = .text) {
    self.logFormat = logFormat
    let isDumb = Self.environment("TERM") == "dumb"
    isLive = isatty(2) == 1 && !isDumb && logFormat == .text
    isOutputTerminal = isatty(1) == 1
    hasColor =
      switch color {
      case .always: true
      case .never: false
      // https://no-color.org: set and not empty.
      case .auto: isatty(2) == 1 && isatty(1) == 1 && !isDumb && (Self.environment("NO_COLOR") ?? "").isEmpty
      }
  }

  package func print(_ line: String) { Self.write(line + "\n", to: 1) }
  package func note(_ line: String) {
    if logFormat == .json { return log(.info, line) }
    Self.write(line + "\n", to: 2)
  }

  /// One event: words for people, or a line of JSON.
  package func log(_ level: LogLine.Level, _ message: String, _ fields: LogLine.Fields = LogLine.Fields()) {
    let line = logFormat == .json ? LogLine.json(level, message, fields, at: LogLine.now()) : message
    Self.write(line + "\n", to: 2)
  }

  package func draw(_ text: String) { Self.write(text, to: 2) }

  package func bold(_ text: String) -> String { styled(text, "1") }
  package func faint(_ text: String) -> String { styled(text, "2") }
  package func green(_ text: String) -> String { styled(text, "32") }
  package func red(_ text: String) -> String { styled(text, "31") }
  package func yellow(_ text: String) -> String { styled(text, "33") }

  /// Columns of the terminal behind standard error, 80 where unknown.
  package var width: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  private func styled(_ text: String, _ code: String) -> String {
    hasColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
      // A closed pipe (`| head`) ends the command by SIGPIPE or here: nobody is left to tell.
      guard count > 0 || errno == EINTR else { return }
      bytes = bytes.dropFirst(max(count, 0))
    }
  }
}

private func writeBytes(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, start, count)
}
