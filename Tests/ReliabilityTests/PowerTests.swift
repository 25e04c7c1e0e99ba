// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Sweeps
import Testing
import Tracking

extension LiveTests {
  @Suite(
    .enabled(if: FaultShim.isThere && Machine.canMountLoop, "not run: a loop-mounted ext4 needs root and a C compiler"))
  struct PowerTests {
    /// I1, I2, I10, in real life: the power goes. Method: tracker and artifacts on an ext4 of their own, which is shut down
    /// so that nothing unsynced reaches its device (EXT4_IOC_SHUTDOWN); workers live elsewhere and know what was acknowledged.
    @Test func powerCut_losesNothingThatWasAcknowledged() throws {
      let shim = try #require(FaultShim.shared)
      let folder = NSTemporaryDirectory() + "muster-power-\(getpid())"
      let disk = try Disk(folder)
      defer { disk.remove() }
      let cutCount = 4 * Machine.soak
      let sweep = try LiveSweep(
        "power", LiveSweep.Shape(trials: 16 * Machine.soak, trees: 200, lease: "1s"), folder: folder)
      var random = Steps(seed: 9)
      var acknowledgedMax = 0
      for cut in 0..<cutCount {
        try sweep.startCoordinator()
        for slot in 0..<2 where sweep.workers[slot]?.isRunning != true { try sweep.startWorker(slot) }
        let goal = sweep.recordedCount + 2
        wait(30) { sweep.recordedCount >= goal || sweep.coordinator?.isRunning == false }
        Thread.sleep(forTimeInterval: 0.02 * Double(random.next(20)))
        guard sweep.coordinator?.isRunning == true else { break }
        sweep.noteFault("power cut \(cut)")
        try tool(shim.powerSwitch, folder)
        let told = try acknowledged(sweep)
        acknowledgedMax = max(acknowledgedMax, told.count)
        // The disk is gone under all of them: the machine is rebooted.
        sweep.endAll()
        try disk.remount()
        let found = try Set(sweep.finalTracker().results.map { $0.task + "@" + $0.attempt })
        #expect(told.subtracting(found) == [], "acknowledged results are gone after cut \(cut)")
        #expect(try tool("sqlite3", sweep.plan.tracker, "PRAGMA integrity_check") == "ok\n")
      }
      #expect(acknowledgedMax > 0)
      if sweep.recordedCount < sweep.taskCount {
        try sweep.startCoordinator()
        for slot in 0..<2 { try sweep.startWorker(slot) }
        #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      }
      #expect(try artifactsMissing(sweep) == [])
      #expect(try sweep.violations() == [])
      sweep.endAll()
    }

    /// By the workers' own words: those are written elsewhere.
    private func acknowledged(_ sweep: LiveSweep) throws -> Set<String> {
      var history = History()
      for slot in 0..<2 {
        let text = FileManager.default.contents(atPath: "\(sweep.logs)/worker-\(slot).log") ?? Data()
        history.add(log: String(decoding: text, as: UTF8.self), of: "w\(slot)")
      }
      return Set(
        history.events.compactMap { event in
          if case .answered(_, let task, let attempt, .accepted) = event { return task + "@" + attempt }
          return nil
        })
    }

    /// A recorded result's artifacts are there, whole: they were made durable before it was sent.
    private func artifactsMissing(_ sweep: LiveSweep) throws -> [String] {
      try sweep.plan.query("SELECT sha256, bytes FROM artifact").compactMap { row in
        guard case .text(let digest) = row[0], case .integer(let bytes) = row[1] else { return "unreadable row" }
        let path = "\(sweep.folder)/artifacts/\(digest.prefix(2))/\(digest.dropFirst(2))"
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        return size == Int(bytes) ? nil : path
      }
    }
  }
}

/// An ext4 file system in a file.
private struct Disk {
  let mount: String
  private let image: String

  init(_ mount: String) throws {
    self.mount = mount
    image = mount + ".img"
    try Data().write(to: URL(fileURLWithPath: image))
    try tool("truncate", "-s", "64M", image)
    try tool("mkfs.ext4", "-q", "-F", image)
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    try tool("mount", "-o", "loop", image, mount)
  }

  func remount() throws {
    try tool("umount", mount)
    try tool("mount", "-o", "loop", image, mount)
  }

  func remove() {
    _ = try? tool("umount", "-l", mount)
    for path in [image, mount] { _ = try? FileManager.default.removeItem(atPath: path) }
  }
}
