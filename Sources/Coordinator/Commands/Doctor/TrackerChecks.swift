// SPDX-License-Identifier: Apache-2.0

import Foundation
import Reporting
import SweepPlans
import Sweeps
import Tracking

/// A sweep file with what it names.
enum SweepChecks {
  /// - Returns: with the tracker's file that it names.
  static func findings(of file: String) -> ([Finding], String?) {
    do {
      let plan = try readSweepPlan(path: file)
      var findings = [Finding("Sweep", file, .good, "\(plan.name), \(plan.outcome.rawValue)")]
      findings += dataset(plan)
      findings += MachineFindings.disk("artifacts", folder: existing(plan.artifactsPath))
      return (findings, plan.trackerPath)
    } catch {
      let first = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      return ([Finding("Sweep", file, .wrong, first, fix: "muster sweep check \(file)")], nil)
    }
  }

  private static func dataset(_ plan: SweepPlan) -> [Finding] {
    do {
      let summary = try plan.readDataset()
      return [Finding("Sweep", "data set", .good, "\(summary.name), \(summary.digest.hex.prefix(12))")]
    } catch {
      return [
        Finding("Sweep", "data set", .wrong, error.message, fix: error.help ?? "muster sweep check says more")
      ]
    }
  }
}

/// The nearest folder above that is there.
func existing(_ path: String) -> String {
  var url = URL(fileURLWithPath: path)
  while !FileManager.default.fileExists(atPath: url.path), url.path != "/" { url.deleteLastPathComponent() }
  return url.path
}

/// The tracker's file, its folder and who has it.
enum TrackerChecks {
  static func findings(of path: String) -> [Finding] {
    let folder = existing(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    var findings = MachineFindings.disk("tracker", folder: folder)
    if let name = FileSystemKind.networkName(ofFolder: folder) {
      findings.append(
        Finding(
          "Tracker", "file system", .wrong, "\(folder) is on \(name), where SQLite's locks do not hold",
          fix: "put track.db on a local disk"))
    } else {
      findings.append(Finding("Tracker", "file system", .good, "\(folder) is not on one that several machines write"))
    }
    guard FileManager.default.fileExists(atPath: path) else {
      findings.append(Finding("Tracker", "file", .good, "\(path) is not there yet: the first sweep makes it"))
      return findings
    }
    do {
      findings += try file(path)
    } catch {
      findings.append(
        Finding(
          "Tracker", "file", .wrong, "\(error)", fix: "restore it from a backup: muster tracker backup made it"))
    }
    return findings
  }

  private static func file(_ path: String) throws -> [Finding] {
    let reader = try TrackerReader(path: path)
    let (isCurrent, isHeld) = (reader.schemaVersion == TrackerLibrary.schema, trackerIsInUse(path))
    var findings = [
      Finding(
        "Tracker", "schema", isCurrent ? .good : .warning,
        "\(reader.schemaVersion), this version's is \(TrackerLibrary.schema)",
        fix: isCurrent ? nil : "muster tracker migrate --tracker \(path) (keeps a copy)"),
      Finding("Tracker", "writer", .good, isHeld ? "a coordinator has it" : "nobody has it"),
    ]
    let verdict = try reader.sql("SELECT * FROM pragma_quick_check(1)").rows.first?.first?.text ?? "no answer"
    findings.append(
      Finding(
        "Tracker", "pages", verdict == "ok" ? .good : .wrong, verdict,
        fix: verdict == "ok" ? nil : "stop the sweep and restore it from a backup; muster tracker backup made it"))
    let log = reader.byteCounts.log
    let isLong = log > 2 * TrackerStore.logBytesMax
    findings.append(
      Finding(
        "Tracker", "log", isLong ? .warning : .good, "\(log >> 20) MiB",
        fix: isLong ? "a reader keeps a transaction open: end it, and the log shrinks" : nil))
    let newest = try reader.sql("SELECT max(at_ms) FROM event").rows.first?.first?.integer ?? 0
    let isAhead = Int64(newest) > wallMilliseconds() + 60_000
    if isAhead {
      findings.append(
        Finding(
          "Tracker", "time", .warning, "its newest event is of \(LogLine.time(Int64(newest))), ahead of this clock",
          fix: "set this machine's clock"))
    }
    if isHeld {
      let workers = try reader.sql("SELECT count(*) FROM worker WHERE left_ms IS NULL").rows.first?.first?.integer ?? 0
      findings.append(
        Finding(
          "Tracker", "workers", workers > 0 ? .good : .warning, "\(workers) have joined and not left",
          fix: workers > 0 ? nil : "start some: muster-worker start --coordinator ENDPOINT --data DIR --artifacts DIR"))
    }
    return findings
  }
}
