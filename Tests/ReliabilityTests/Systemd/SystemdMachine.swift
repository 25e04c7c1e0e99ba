// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit

/// A machine that systemd runs: its own process tree, network and empty /etc and /var, over this host's /usr.
final class SystemdMachine {
  /// Whether one comes up here; tried once. It takes root and systemd-nspawn (Debian's systemd-container).
  static let boots: Bool = {
    let programs = ["/usr/bin/systemd-nspawn", "/usr/bin/nsenter", "/usr/lib/systemd/systemd"]
    guard geteuid() == 0, programs.allSatisfy(FileManager.default.isExecutableFile) else { return false }
    let log = NSTemporaryDirectory() + "muster-systemd-\(getpid()).log"
    defer { try? FileManager.default.removeItem(atPath: log) }
    return (try? SystemdMachine(log: log, [])) != nil
  }()
  static let notRun = "systemd tests not run: they need root, and systemd-container to be installed and able to boot"

  /// A folder of this host as the machine sees it.
  struct Bind {
    let path: String
    let inside: String
    var isReadOnly = true
  }

  private let program: Program

  /// Its first process, as this host numbers it. Another one for a moment, while systemd-nspawn sets the place up.
  private var leader: Int32? {
    let nspawn = program.processID
    let children = try? String(contentsOfFile: "/proc/\(nspawn)/task/\(nspawn)/children", encoding: .utf8)
    return children?.split(separator: " ").first.flatMap { Int32($0) }
  }

  init(log: String, _ binds: [Bind]) throws {
    // What /usr points to outside itself, and how the loader finds it.
    let whole = ["/etc/alternatives", "/etc/ld.so.cache", "/etc/login.defs"].filter {
      FileManager.default.fileExists(atPath: $0)
    }
    let all = whole.map { Bind(path: $0, inside: $0) } + binds
    let options = all.map { "--bind\($0.isReadOnly ? "-ro" : "")=\($0.path):\($0.inside)" }
    program = try Program(
      "/usr/bin/systemd-nspawn",
      ["-D", "/", "--volatile=yes", "--boot", "--register=no", "--keep-unit", "--private-network", "--link-journal=no"]
        + ["-M", "muster-\(getpid())"] + options
        // Nothing of this host's own services; and no waiting for a network that has the loopback alone.
        + ["systemd.firstboot=no", "systemd.unit=basic.target", "systemd.mask=systemd-networkd-wait-online.service"],
      log: log)
    // Services of this host's packages that find no settings there are no matter.
    guard wait(60, until: { ["running", "degraded"].contains(state) }) else {
      end()
      throw ToolFailure(words: ["systemd-nspawn"], said: program.said)
    }
  }

  deinit { end() }

  private func end() {
    if let leader { kill(leader, SIGKILL) }
    program.killNow()
  }

  private var state: String {
    let said = try? run("sh", "-c", "systemctl is-system-running 2>/dev/null || true")
    return said?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
  }

  /// As root, inside.
  @discardableResult
  func run(_ words: String...) throws -> String {
    guard let leader else { throw ToolFailure(words: words, said: "the machine is gone: " + program.said) }
    return try toolOf(["timeout", "120", "nsenter", "-t", "\(leader)", "-a"] + words)
  }

  /// How a unit stands, as `systemctl show` tells it.
  struct Unit {
    let state: String
    let result: String
    /// How its main process ended last.
    let status: String
    let restarts: Int
  }

  func unit(_ name: String) throws -> Unit {
    func property(_ key: String) throws -> String {
      try run("systemctl", "show", "--value", "-p", key, name).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return Unit(
      state: try property("ActiveState"), result: try property("Result"), status: try property("ExecMainStatus"),
      restarts: Int(try property("NRestarts")) ?? 0)
  }
}
