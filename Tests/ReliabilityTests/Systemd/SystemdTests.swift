// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing

extension LiveTests {
  /// The units of cluster/systemd under a real systemd, set up as docs/Clusters.md says.
  @Suite(.enabled(if: SystemdMachine.boots, Comment(rawValue: SystemdMachine.notRun)))
  struct SystemdTests {
    private static let coordinator = "muster-coordinator@live"

    /// In real life: a host is set up by the book, processes die, the operator reloads and stops things.
    @Test func units_runASweep_throughKillsReloadAndStop() throws {
      let sweep = try LiveSweep("systemd", .cluster)
      let machine = try self.machine(for: sweep)
      try setUp(machine, sweep)
      try machine.run("systemctl", "enable", "--now", Self.coordinator, "muster-worker@1", "muster-worker@2")
      let isRunning = wait(60) { sweep.recordedCount >= 4 }
      try #require(isRunning, "\(journal(machine))")
      try machine.run("systemctl", "reload", Self.coordinator)
      try machine.run("systemctl", "kill", "-s", "KILL", "muster-worker@1")
      sweep.noteFault("kill -9 worker 1")
      try machine.run("systemctl", "stop", "muster-worker@2")
      let stopped = try machine.unit("muster-worker@2")
      #expect(stopped.result == "success", "\(journal(machine))")
      let reloaded = try machine.unit(Self.coordinator)
      #expect(reloaded.state == "active", "\(journal(machine))")
      try machine.run("systemctl", "kill", "-s", "KILL", Self.coordinator)
      sweep.noteFault("kill -9 coordinator")
      try machine.run("systemctl", "start", "muster-worker@2")
      #expect(wait(240) { hasEnded(machine) }, "\(journal(machine))")
      let (ended, restarted) = (try machine.unit(Self.coordinator), try machine.unit("muster-worker@1"))
      #expect(ended.result == "success", "\(journal(machine))")
      #expect(ended.restarts == 1)
      #expect(restarted.restarts >= 1)
      for slot in 1...2 {
        let said = try machine.run("journalctl", "--no-pager", "-o", "cat", "-u", "muster-worker@\(slot)")
        try Data(said.utf8).write(to: URL(fileURLWithPath: "\(sweep.logs)/worker-\(slot).log"))
      }
      #expect(try sweep.violations() == [])
    }

    /// In real life: the artifact folder belongs to somebody else. A person has to mend it, so nothing is tried again and again.
    @Test func artifactFolderOfAnother_endsTheCoordinator_andNamesIt() throws {
      let sweep = try LiveSweep("systemd-artifacts", .quick)
      let machine = try self.machine(for: sweep)
      try setUp(machine, sweep)
      try machine.run("install", "-d", "-m", "755", "/srv/muster/artifacts")
      try machine.run("systemctl", "start", Self.coordinator)
      #expect(wait(30) { hasEnded(machine) })
      let unit = try machine.unit(Self.coordinator)
      #expect(unit.state == "failed")
      #expect(unit.status == "77")
      #expect(unit.restarts == 0)
      let said = journal(machine)
      let expected = "artifacts: /srv/muster/artifacts: cannot be written: Permission denied"
      #expect(said.contains(expected), "\(said)")
    }

    /// In real life: root prepared the data, and nobody else may look at it.
    @Test func dataOfAnother_isSaidByBoth() throws {
      let sweep = try LiveSweep("systemd-data", .quick)
      let machine = try self.machine(for: sweep)
      try setUp(machine, sweep)
      try machine.run("chgrp", "-R", "root", "/srv/muster/datasets/readmission_30d")
      // `start` of a unit that ends at once may itself fail, or not: a matter of time.
      _ = try? machine.run("systemctl", "start", Self.coordinator, "muster-worker@1")
      let folder = "/srv/muster/datasets/readmission_30d"
      let expected = [
        "error: \(folder) cannot be opened: permission denied to user muster",
        "error: --data: \(folder): system: expected to open the directory, found Permission denied",
      ]
      let isSaid = wait(30) { expected.allSatisfy { journal(machine).contains($0) } }
      #expect(isSaid, "\(journal(machine))")
      #expect(try machine.unit("muster-worker@1").status == "66")
    }

    private func machine(for sweep: LiveSweep) throws -> SystemdMachine {
      // Of root and for its group alone, as `data prepare` leaves it.
      try FileManager.default.createDirectory(atPath: sweep.folder + "/datasets", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: sweep.installation.dataset, toPath: sweep.folder + "/datasets/readmission_30d")
      let muster = sweep.installation.executables + "/muster"
      // Swift's own libraries lie where its toolchain does, wherever that is.
      let libraries = try toolOf(["ldd", muster]).split(separator: "\n").compactMap { line -> String? in
        let path = line.split(separator: " ").first { $0.hasPrefix("/") && $0.contains("libswift") }
        return path.map { URL(fileURLWithPath: String($0)).deletingLastPathComponent().path }
      }
      let outside = Set(libraries).filter { !$0.hasPrefix("/usr/") }.sorted()
      return try SystemdMachine(
        log: sweep.logs + "/systemd.log",
        [
          .init(path: sweep.installation.executables, inside: "/opt/muster/bin"),
          .init(path: Self.units, inside: "/mnt/units"),
          .init(path: sweep.folder, inside: "/srv/muster", isReadOnly: false),
        ] + outside.map { .init(path: $0, inside: $0) })
    }

    private static let units =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../cluster/systemd")
      .standardized.path

    /// The steps of docs/Clusters.md, with this sweep's paths as a host has them.
    private func setUp(_ machine: SystemdMachine, _ sweep: LiveSweep) throws {
      let plan = sweep.plan.text.replacing(sweep.installation.dataset, with: "/srv/muster/datasets/readmission_30d")
        .replacing(sweep.folder, with: "/srv/muster")
      try Data(plan.utf8).write(to: URL(fileURLWithPath: sweep.folder + "/live.yaml"))
      let script = """
        set -eu
        useradd --system --user-group muster
        install -m 644 /mnt/units/*.service /etc/systemd/system/
        install -d -m 750 -o muster -g muster /etc/muster
        install -m 640 /mnt/units/*.env /etc/muster/
        install -m 644 /srv/muster/live.yaml /etc/muster/
        sed -i s/head.example.org/127.0.0.1/ /etc/muster/worker.env
        chown muster:muster /srv/muster
        chgrp -R muster /srv/muster/datasets
        cd /etc/muster
        setpriv --reuid muster --regid muster --clear-groups /opt/muster/bin/muster keys new coordinator --keys keys
        setpriv --reuid muster --regid muster --clear-groups /opt/muster/bin/muster keys new hosts --keys keys
        install -m 600 -o muster -g muster keys/hosts.key worker.key
        install -m 644 keys/coordinator.pub .
        systemctl daemon-reload
        """
      try machine.run("sh", "-c", script)
    }

    private func hasEnded(_ machine: SystemdMachine) -> Bool {
      (try? machine.unit(Self.coordinator)).map { $0.state == "inactive" || $0.state == "failed" } ?? false
    }

    private func journal(_ machine: SystemdMachine) -> String {
      (try? machine.run("journalctl", "--no-pager", "-u", "muster-*")) ?? "no journal"
    }
  }
}
