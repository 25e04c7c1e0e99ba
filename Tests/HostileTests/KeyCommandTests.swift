// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import InstallationKit
import Sockets
import Testing
import Tracking

/// `muster keys`, and how a run and a worker take their keys.
@Suite(.serialized) struct KeyCommandTests {
  let muster: Installation

  init() throws { muster = try Installation.shared.get() }

  private func keys(_ arguments: String..., folder: String) throws -> Installation.Output {
    try muster.run(["keys"] + arguments + ["--keys", folder])
  }

  private func worker(_ arguments: [String], log: String) throws -> (status: Int32, text: String) {
    let process = try GuardedSweep.start([muster.executables + "/muster-worker", "start"] + arguments, log: log)
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: log, encoding: .utf8))
  }

  @Test func keys_areMadeListedAndRevoked() throws {
    let folder = muster.folder + "/keys-command"
    #expect(try keys("list", folder: folder).status == 66)
    #expect(try keys("new", "coordinator", folder: folder).status == 0)
    let made = try keys("new", "node-1", "--expires", "2099-01-31", "--json", folder: folder)
    #expect(made.status == 0 && made.output.contains(#""schema":"muster.key/v1""#), "\(made.error)")
    #expect(made.output.contains(#""expires":"2099-01-31T23:59:59Z""#) && made.output.contains("node-1.key"))
    let text = try keys("new", "viewer", "--role", "observer", "--expires", "never", folder: folder)
    #expect(text.output.contains("public key") && text.error.contains("muster-worker start"))
    let list = try keys("list", "--json", folder: folder)
    #expect(list.output.contains(#""schema":"muster.keys/v1""#) && list.output.contains(#""role":"observer""#))
    let table = try keys("list", folder: folder)
    #expect(table.output.hasPrefix("name\trole\tstate\texpires\tpublic\nnode-1\tworker\tvalid\t2099-01-31T23:59:59Z"))
    #expect(try keys("revoke", "node-1", folder: folder).output.hasPrefix("revoked node-1"))
    #expect(try !keys("list", folder: folder).output.contains("node-1"))
    // No output and no error ever holds a secret.
    let secret = try KeyFile(path: KeyFolder(path: folder).keyPath("viewer")).keys.secretKey.hex
    for output in [made, text, list, table] { #expect(!(output.output + output.error).contains(secret)) }
  }

  @Test func mistakes_haveTheirExitCodes() throws {
    let folder = muster.folder + "/keys-mistakes"
    #expect(try keys("new", "coordinator", folder: folder).status == 0)
    #expect(try keys("new", "coordinator", folder: folder).status == 64)
    #expect(try keys("new", "../x", folder: folder).status == 64)
    #expect(try keys("new", "x", "--expires", "soon", folder: folder).status == 64)
    #expect(try keys("new", "x", "--role", "admin", folder: folder).status == 64)
    #expect(try keys("new", "x", "--public", "abc", folder: folder).status == 64)
    #expect(try keys("revoke", "x", folder: folder).status == 4)
    try Data("nonsense\n".utf8).write(to: URL(fileURLWithPath: folder + "/allowed"))
    let malformed = try keys("list", folder: folder)
    #expect(malformed.status == 65 && malformed.error.contains("allowed:1"), "\(malformed.error)")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder + "/allowed")
    let loose = try keys("list", folder: folder)
    #expect(loose.status == 77 && loose.error.contains("chmod 600"), "\(loose.error)")
  }

  /// In real life: --bind is widened to the cluster's network and the keys are forgotten. Nothing listens.
  @Test func bindBeyondLoopback_withoutKeys_isRefused() throws {
    let plan = try muster.plan("wide")
    let result = try muster.run(plan.runArguments + ["--bind", "tcp://0.0.0.0:*"])
    #expect(result.status == 64 && result.error.contains("muster keys new coordinator"), "\(result.error)")
    #expect(!FileManager.default.fileExists(atPath: plan.tracker))
    let missing = try muster.run(
      plan.runArguments + ["--bind", "tcp://0.0.0.0:*", "--keys", muster.folder + "/no-keys"])
    #expect(missing.status == 66, "\(missing.error)")
    let joining = try worker(
      ["--coordinator", "tcp://10.255.255.1:5555", "--data", muster.dataset, "--artifacts", muster.folder + "/a"],
      log: muster.folder + "/joining.log")
    #expect(joining.status == 64 && joining.text.contains("--key-file"), "\(joining.text)")
  }

  /// A coordinator that listens on all interfaces with keys, and starts its own workers: their key is nowhere to be seen.
  @Test func localWorkers_joinWithAKeyOfTheirOwn_thatIsNotSeen() throws {
    let folder = muster.folder + "/keys-local"
    #expect(try keys("new", "coordinator", folder: folder).status == 0)
    let plan = try muster.plan("local-keys", trees: 200)
    let run = URL(fileURLWithPath: plan.tracker).deletingLastPathComponent().path
    let coordinator = try GuardedSweep.start(
      [muster.executables + "/muster"] + plan.runArguments + ["--bind", "tcp://0.0.0.0:*", "--keys", folder],
      log: run + "/log")
    let local = run + "/workers/local.key"
    var seen: [String] = []
    let joined = wait {
      let rows = (try? plan.query("SELECT pid FROM worker")) ?? []
      let pids = rows.compactMap { row -> Int64? in if case .integer(let pid)? = row.first { pid } else { nil } }
      guard pids.count == 2, FileManager.default.fileExists(atPath: local) else { return !coordinator.isRunning }
      for pid in pids + [Int64(coordinator.processIdentifier)] {
        for name in ["cmdline", "environ"] {
          let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/\(name)") ?? Data()
          seen.append(String(decoding: bytes, as: UTF8.self))
        }
      }
      return true
    }
    #expect(joined && seen.count == 6 && seen.contains { $0.contains("--key-file") })
    let mode = try FileManager.default.attributesOfItem(atPath: local)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let secrets = try [local, folder + "/coordinator.key"].map { try KeyFile(path: $0).keys.secretKey.hex }
    coordinator.waitUntilExit()
    #expect(coordinator.terminationStatus == 0)
    #expect(!FileManager.default.fileExists(atPath: local))
    for file in ["log", "tracker.db", "workers/worker-0.log", "workers/worker-1.log"] {
      seen.append(String(decoding: FileManager.default.contents(atPath: "\(run)/\(file)") ?? Data(), as: UTF8.self))
    }
    for secret in secrets { #expect(!seen.contains { $0.contains(secret) }) }
  }

  /// In real life: the worker's host comes up before its key is listed, or its key's role is another.
  @Test func unlistedWorker_waits_thenJoins_andAnObserverIsTurnedAway() throws {
    let sweep = try GuardedSweep("late-key", keys: ["viewer", "late"], trees: 30)
    let list = try String(contentsOfFile: sweep.folder.allowListPath, encoding: .utf8)
    #expect(try keys("revoke", "late", folder: sweep.folder.path).status == 0)
    #expect(wait { sweep.output.contains("the allow-list was read again") })
    let impatient = try sweep.startWorker("late", extra: ["--join-timeout", "2"])
    impatient.process.waitUntilExit()
    let text = try String(contentsOfFile: impatient.log, encoding: .utf8)
    #expect(impatient.process.terminationStatus == 69 && text.contains("allow-list"), "\(text)")
    #expect(sweep.output.contains("refused a connection from 127.0.0.1"))
    let late = try sweep.startWorker("late")
    Thread.sleep(forTimeInterval: 0.5)
    try Data(list.replacingOccurrences(of: "viewer worker", with: "viewer observer").utf8).write(
      to: URL(fileURLWithPath: sweep.folder.allowListPath))
    // The coordinator looks at the list four times a second: before that the viewer would still be a worker.
    #expect(wait { sweep.output.contains("the allow-list was read again: 2 keys") })
    let viewer = try sweep.startWorker("viewer", extra: ["--join-timeout", "20"])
    viewer.process.waitUntilExit()
    let answer = try String(contentsOfFile: viewer.log, encoding: .utf8)
    #expect(viewer.process.terminationStatus == 69 && answer.contains("role gets no work"), "\(answer)")
    late.process.waitUntilExit()
    sweep.coordinator.waitUntilExit()
    #expect(sweep.coordinator.terminationStatus == 0, "\(sweep.output.suffix(2_000))")
    #expect(sweep.query("SELECT name FROM worker") == [[.text("late")]])
  }
}
