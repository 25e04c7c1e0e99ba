// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How far long work has come: a bar with rate and time left on a terminal, a line every ten seconds where there is none.
package struct ProgressLine {
  private let console: Console
  private let unit: String
  private let isQuiet: Bool
  /// Nil where it is not known.
  private let total: Int?
  private let startedAt: Int64
  private var nextAt: Int64
  private var isDrawn = false

  /// - Parameter unit: what is counted, "rows".
  package init(_ console: Console, unit: String, total: Int?, isQuiet: Bool) {
    (self.console, self.unit, self.total, self.isQuiet) = (console, unit, total, isQuiet)
    startedAt = Self.milliseconds()
    // Work that is over at once says nothing.
    nextAt = startedAt + (console.isLive ? 500 : 10_000)
  }

  /// Cheap enough to be told of every row.
  package mutating func show(_ done: Int) {
    guard !isQuiet, done % 256 == 0 else { return }
    let now = Self.milliseconds()
    guard now >= nextAt else { return }
    nextAt = now + (console.isLive ? 200 : 10_000)
    let text = Self.text(done, of: total, unit: unit, milliseconds: now - startedAt)
    if console.isLive {
      console.draw("\r\u{1B}[K" + text)
      isDrawn = true
    } else {
      console.note(text)
    }
  }

  package mutating func end() {
    if isDrawn { console.draw("\r\u{1B}[K") }
    isDrawn = false
  }

  static func text(_ done: Int, of total: Int?, unit: String, milliseconds: Int64) -> String {
    let rate = Double(done) * 1_000 / Double(max(milliseconds, 1))
    let pace = "\(decimal(rate, places: rate < 10 ? 1 : 0)) \(unit)/s"
    guard let total, total > 0 else { return "\(done) \(unit)  \(pace)" }
    let share = min(1, Double(done) / Double(total))
    let filled = Int(share * 24)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
    let left = rate > 0 ? duration(milliseconds: Int64(Double(max(0, total - done)) / rate * 1_000)) : "–"
    return "\(bar) \(Int(share * 100)) %  \(done) of \(total) \(unit)  \(pace)  \(left) left"
  }

  private static func milliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
