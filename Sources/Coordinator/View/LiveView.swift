// SPDX-License-Identifier: Apache-2.0

import Reporting

/// The sweep as it runs: redrawn in place on a terminal, one line per event on a pipe.
struct LiveView {
  private let console: Console
  private let isQuiet: Bool
  private var drawnLineCount = 0

  init(console: Console, isQuiet: Bool) {
    self.console = console
    self.isQuiet = isQuiet
  }

  /// On a terminal only: overwrites the last drawing.
  ///
  /// - Parameter progress: asked for only where it is drawn: ranking ten thousand trials takes time.
  mutating func draw(_ progress: @autoclosure () -> SweepProgress) {
    guard console.isLive, !isQuiet else { return }
    let lines = Self.lines(progress(), console: console, width: console.width)
    console.draw(eraser + lines.map { $0 + "\n" }.joined())
    drawnLineCount = lines.count
  }

  /// A line that stays: above the drawing on a terminal, as it is on a pipe.
  mutating func event(
    _ line: String, _ fields: LogLine.Fields = LogLine.Fields(), level: LogLine.Level = .notice
  ) {
    guard !isQuiet else { return }
    say(level, line, fields)
  }

  private mutating func say(_ level: LogLine.Level, _ line: String, _ fields: LogLine.Fields) {
    guard console.logFormat == .text else { return console.log(level, line, fields) }
    console.draw(eraser + line + "\n")
    drawnLineCount = 0
  }

  mutating func erase() {
    guard drawnLineCount > 0 else { return }
    console.draw(eraser)
    drawnLineCount = 0
  }

  /// A line that stays, `--quiet` or not: somebody must act.
  mutating func alarm(_ line: String, _ fields: LogLine.Fields = LogLine.Fields()) { say(.error, line, fields) }

  /// Up to the drawing's first line, then clear to the end of the screen (ECMA-48 CUU and ED).
  private var eraser: String { drawnLineCount > 0 ? "\u{1B}[\(drawnLineCount)A\r\u{1B}[J" : "" }

  static func lines(_ progress: SweepProgress, console: Console, width: Int) -> [String] {
    var lines = [headline(progress, console: console), bar(progress, console: console, width: width)]
    if let best = progress.best {
      lines.append(
        "best   #\(best.trial) \(best.learner)  \(progress.metric) \(decimal(best.objective, places: 4))"
          + " ± \(decimal(best.sd, places: 4))")
    }
    if let usable = progress.usableWorkerCount {
      lines.append(console.faint("\(progress.workers.count) workers are here, \(usable) could be used"))
    }
    var table = TextTable([("WORKER", .left), ("TASK", .left), ("STEP", .right), ("HEARD", .right), ("STATE", .left)])
    for worker in progress.workers {
      let steps = worker.stepCount > 0 ? "\(worker.step)/\(worker.stepCount)" : ""
      let state = worker.isDraining ? "draining" : worker.task == nil ? "idle" : "running"
      table.append([
        worker.name, worker.task ?? "–", steps, duration(milliseconds: worker.silenceMilliseconds), state,
      ])
    }
    if progress.workers.isEmpty { return lines + [console.faint("waiting for workers")] }
    return lines + table.lines.enumerated().map { $0 == 0 ? console.faint($1) : $1 }
  }

  private static func headline(_ progress: SweepProgress, console: Console) -> String {
    let state = progress.isStopping ? console.yellow("stopping") : console.green("running")
    return
      "\(console.bold(progress.sweep))  \(state)  \(duration(milliseconds: progress.elapsedMilliseconds))\(eta(progress))"
  }

  /// From the folds of this start alone: what an earlier one did says nothing of this pace.
  private static func eta(_ progress: SweepProgress) -> String {
    let done = progress.foldsDone - progress.foldsResumed
    guard done >= 5, progress.foldsDone < progress.foldsTotal else { return "" }
    let left = Double(progress.elapsedMilliseconds) / Double(done) * Double(progress.foldsTotal - progress.foldsDone)
    return "  about " + duration(milliseconds: Int64(left)) + " left"
  }

  private static func bar(_ progress: SweepProgress, console: Console, width: Int) -> String {
    let cellCount = max(10, min(40, width - 50))
    let share = progress.foldsTotal > 0 ? Double(progress.foldsDone) / Double(progress.foldsTotal) : 0
    let filled = Int(share * Double(cellCount))
    let cells =
      console.green(String(repeating: "█", count: filled))
      + console.faint(String(repeating: "░", count: cellCount - filled))
    var counts =
      "\(progress.foldsDone)/\(progress.foldsTotal) folds · \(progress.trialsDone)/\(progress.trialsTotal) trials"
    if progress.trialsFailed > 0 { counts += " · " + console.red("\(progress.trialsFailed) failed") }
    return cells + "  " + counts
  }
}
