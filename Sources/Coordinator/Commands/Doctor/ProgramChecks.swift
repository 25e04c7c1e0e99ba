// SPDX-License-Identifier: Apache-2.0

import Foundation
import Reporting
import Sockets
import Tracking

/// The two programs, and the libraries they found on this machine.
enum ProgramChecks {
  static func findings() -> [Finding] {
    var findings = [Finding("Programs", "muster", .good, codeVersion)]
    let curve = MessageLibrary.hasCurve
    findings.append(
      Finding(
        "Programs", "libzmq", curve ? .good : .wrong,
        MessageLibrary.version + (curve ? " with CURVE" : " without CURVE: no network without encryption"),
        fix: curve ? nil : "install a libzmq with libsodium (Debian: libzmq5)"))
    let sqlite = TrackerLibrary.version
    let isNew = TrackerLibrary.isNewEnough
    findings.append(
      Finding(
        "Programs", "SQLite", isNew ? .good : .wrong, sqlite,
        fix: isNew ? nil : "expected 3.38 or later (Debian 12 has 3.40)"))
    return findings + worker()
  }

  /// `muster-worker doctor --json` of the sibling: what it links is for it to say.
  private static func worker() -> [Finding] {
    func wrong(_ found: String, _ fix: String) -> [Finding] {
      [Finding("Programs", "muster-worker", .wrong, found, fix: fix)]
    }
    guard let path = try? siblingWorker() else {
      return wrong("is not beside muster", "muster and muster-worker belong in one folder: make build")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["doctor", "--json"]
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, FileHandle.nullDevice)
    do {
      try process.run()
    } catch {
      return wrong(
        "\(path) cannot be run: \(error.localizedDescription)", "ldd \(path) names a library that is missing")
    }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard let answer = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any],
      let list = answer["findings"] as? [[String: Any]]
    else {
      let isOlder = process.terminationStatus == ExitStatus.usage.rawValue
      return wrong(
        isOlder ? "\(path) is older than muster" : "\(path) ended with \(process.terminationStatus)",
        isOlder ? "use both of one build: make build" : "ldd \(path) names a library that is missing")
    }
    return list.compactMap { entry in
      guard let area = entry["area"] as? String, let subject = entry["subject"] as? String,
        let standing = (entry["standing"] as? String).flatMap({ Finding.Standing(rawValue: $0) }),
        let found = entry["found"] as? String
      else { return nil }
      let isOther = subject == "muster-worker" && found != codeVersion
      return Finding(
        area, subject, isOther ? .wrong : standing, isOther ? "\(found), muster is \(codeVersion)" : found,
        fix: isOther ? "use both of one build" : entry["fix"] as? String)
    }
  }
}
