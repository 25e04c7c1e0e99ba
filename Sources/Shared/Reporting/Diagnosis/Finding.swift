// SPDX-License-Identifier: Apache-2.0

/// One thing that was looked at, what was found, and what to do about it.
package struct Finding: Sendable {
  package enum Standing: String, Sendable {
    case good = "ok"
    /// Works, but will not for long, or not as well as it could.
    case warning
    case wrong
  }

  package let area: String
  package let subject: String
  package let standing: Standing
  package let found: String
  /// The next command, or what to change.
  package let fix: String?

  package init(_ area: String, _ subject: String, _ standing: Standing, _ found: String, fix: String? = nil) {
    (self.area, self.subject, self.standing, self.found, self.fix) = (area, subject, standing, found, fix)
  }

  package var json: JSONText {
    .object([
      ("area", .text(area)), ("subject", .text(subject)), ("standing", .text(standing.rawValue)),
      ("found", .text(found)),
      ("fix", .optional(fix)),
    ])
  }
}

/// All that was found, in the order in which it was looked at.
package struct Diagnosis: Sendable {
  package private(set) var findings: [Finding] = []

  package init() {}

  package mutating func add(_ finding: Finding) { findings.append(finding) }
  package mutating func add(_ more: [Finding]) { findings += more }

  package func count(_ standing: Finding.Standing) -> Int { findings.count { $0.standing == standing } }
  /// Whether nothing is wrong.
  package var isSound: Bool { count(.wrong) == 0 }

  package var json: JSONText {
    .object([
      ("schema", .text("muster.doctor/v1")), ("sound", .flag(isSound)),
      ("findings", .list(findings.map(\.json))),
    ])
  }

  /// A line a finding, its fix below it; an area's name before its first.
  package func lines(_ console: Console) -> [String] {
    var lines: [String] = []
    var area = ""
    for finding in findings {
      if finding.area != area { lines.append(console.bold(finding.area)) }
      area = finding.area
      let mark =
        switch finding.standing {
        case .good: console.green("ok     ")
        case .warning: console.yellow("warning")
        case .wrong: console.red("wrong  ")
        }
      lines.append("  \(mark)  \(finding.subject): \(finding.found)")
      if let fix = finding.fix { lines.append("           → \(fix)") }
    }
    lines.append("")
    lines.append("\(count(.good)) ok, \(count(.warning)) warnings, \(count(.wrong)) wrong")
    return lines
  }
}
