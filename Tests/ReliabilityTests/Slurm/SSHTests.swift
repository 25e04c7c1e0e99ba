// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing

/// An ssh server of this test alone: on the loopback, with keys of its own, for whoever runs the test.
final class PrivateSSH {
  static let isThere = ["/usr/sbin/sshd", "/usr/bin/ssh", "/usr/bin/ssh-keygen"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  let configuration: String
  private let pidFile: String

  init(folder: String) throws {
    let files = folder + "/ssh"
    try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
    for name in ["host", "me"] { try tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(files)/\(name)") }
    try FileManager.default.copyItem(atPath: files + "/me.pub", toPath: files + "/authorized")
    let port = try freePort()
    let host = try String(contentsOfFile: files + "/host.pub", encoding: .utf8)
    try Data("[127.0.0.1]:\(port) \(host)".utf8).write(to: URL(fileURLWithPath: files + "/known"))
    let server = """
      Port \(port)
      ListenAddress 127.0.0.1
      HostKey \(files)/host
      PidFile \(files)/pid
      AuthorizedKeysFile \(files)/authorized
      StrictModes no
      UsePAM no
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      PermitRootLogin prohibit-password

      """
    try Data(server.utf8).write(to: URL(fileURLWithPath: files + "/server"))
    configuration = files + "/client"
    let client = """
      Host node1 node2
        HostName 127.0.0.1
        Port \(port)
        IdentityFile \(files)/me
        IdentitiesOnly yes
        UserKnownHostsFile \(files)/known

      """
    try Data(client.utf8).write(to: URL(fileURLWithPath: configuration))
    // Debian's sshd wants its empty folder even where it separates nothing.
    if geteuid() == 0 {
      try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
    }
    // As a daemon of its own: sshd closes all that it inherits, which Foundation takes for its end, and then waits for it.
    try tool("/usr/sbin/sshd", "-E", folder + "/sshd.log", "-f", files + "/server")
    pidFile = files + "/pid"
    let path = pidFile
    guard wait(20, until: { FileManager.default.fileExists(atPath: path) }) else {
      throw ToolFailure(
        words: ["sshd"], said: (try? String(contentsOfFile: folder + "/sshd.log", encoding: .utf8)) ?? "")
    }
  }

  deinit {
    let number = (try? String(contentsOfFile: pidFile, encoding: .utf8)).flatMap {
      Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    if let number { kill(number, SIGTERM) }
  }
}

extension LiveTests {
  @Suite(.enabled(if: PrivateSSH.isThere, "ssh tests not run: openssh-server and openssh-client are not installed"))
  struct SSHTests {
    /// In real life: two hosts that share a file system, and nothing but ssh to reach them.
    @Test func workersOverSSH_startListAndDrain() throws {
      let sweep = try LiveSweep("ssh", .cluster)
      let ssh = try PrivateSSH(folder: sweep.logs)
      try sweep.startFoundCoordinator()
      func muster(_ words: String...) throws -> String {
        try toolOf(
          [sweep.installation.executables + "/muster", "workers"] + words + ["--rendezvous", sweep.rendezvous])
      }
      let said = try muster(
        "launch", "--ssh", "--host", "node1", "--host", "node2", "--count", "3", "--ssh-config", ssh.configuration,
        "--data", sweep.installation.dataset, "--artifacts", sweep.folder + "/artifacts", "--logs", sweep.logs,
        "--drain-seconds", "2")
      #expect(said.hasPrefix("3 workers are asked for: ssh node1|"))
      #expect(wait(60) { sweep.recordedCount >= 5 }, "\(sweep.coordinatorSaid)")
      let lines = try muster("list", "--tracker", sweep.plan.tracker).split(separator: "\n")
      let running = lines.filter { $0.contains("\trunning\tyes\t") }
      #expect(running.count == 3, "\(lines)")
      let victim = try #require(running.first?.split(separator: "\t").first.map(String.init))
      #expect(try muster("drain", victim).contains(victim))
      #expect(wait(30) { (try? muster("list").split(separator: "\n").filter { $0.hasPrefix("node") }.count) == 2 })
      #expect(try sweep.runToEnd(within: 120) == 0, "\(sweep.coordinatorSaid)")
      #expect(wait(30) { (try? muster("list").split(separator: "\n").contains { $0.hasPrefix("node") }) == false })
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state IN('crashed', 'lost')") == 0)
      #expect(try sweep.violations() == [])
    }

    /// In real life: a host is mistyped. Nothing stays behind on the others.
    @Test func unreachableHost_isNamed_andTheOthersAreEnded() throws {
      let sweep = try LiveSweep("ssh-unreachable", LiveSweep.Shape.quick)
      let ssh = try PrivateSSH(folder: sweep.logs)
      let words = [
        sweep.installation.executables + "/muster", "workers", "launch", "--rendezvous", sweep.rendezvous, "--ssh",
        "--host", "node1", "--host", "nowhere.invalid", "--count", "2", "--ssh-config", ssh.configuration, "--data",
        sweep.installation.dataset, "--artifacts", sweep.folder + "/artifacts", "--logs", sweep.logs,
      ]
      #expect(throws: ToolFailure.self) { try toolOf(words) }
      let logs = try FileManager.default.contentsOfDirectory(atPath: sweep.logs).filter {
        $0.hasPrefix("worker-ssh-node1")
      }
      #expect(logs.count == 1)
      let log = sweep.logs + "/" + (logs.first ?? "")
      #expect(wait(20) { (try? String(contentsOfFile: log, encoding: .utf8).contains("draining")) == true })
    }
  }
}
