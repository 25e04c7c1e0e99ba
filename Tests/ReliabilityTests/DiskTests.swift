// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing

extension LiveTests {
  @Suite(.enabled(if: FaultShim.isThere, "not run: no C compiler here"))
  struct DiskTests {
    /// I14, I18, in real life: the project's disk fills up over the weekend, and is cleaned on Monday. Nothing is acknowledged
    /// meanwhile, readers read, no lease lapses, and the sweep goes on by itself. Method: each write that needs room fails
    /// while a file exists.
    @Test func fullDisk_isWaitedOut() throws {
      let sweep = try LiveSweep("full-disk", LiveSweep.Shape(trials: 12, trees: 300, lease: "1s"))
      let full = sweep.logs + "/full"
      let shim = try #require(FaultShim.shared)
      let paths = [sweep.plan.tracker, sweep.logs + "/spots"]
      sweep.environment = [
        "LD_PRELOAD": shim.library, "MUSTER_FAULT_PATHS": paths.joined(separator: ":"), "MUSTER_FAULT_WHILE": full,
      ]
      try fillAndFree(sweep, rounds: 2 * Machine.soak) {
        try Data().write(to: URL(fileURLWithPath: full))
      } free: {
        try FileManager.default.removeItem(atPath: full)
      }
    }

    /// In real life: the folder of predictions and models is on another disk, and that is full. Trained folds wait for room; none
    /// fails, and none is trained again.
    @Test func fullArtifactDisk_foldsWaitForRoom() throws {
      let sweep = try LiveSweep("full-artifacts", LiveSweep.Shape(trials: 6, trees: 300, lease: "1s"))
      let full = sweep.logs + "/full"
      let shim = try #require(FaultShim.shared)
      sweep.environment = [
        "LD_PRELOAD": shim.library, "MUSTER_FAULT_PATHS": sweep.folder + "/artifacts", "MUSTER_FAULT_WHILE": full,
      ]
      try sweep.startCoordinator()
      let workers = try (0..<2).map { try sweep.startWorker($0) }
      #expect(wait(30) { sweep.recordedCount >= 4 })
      sweep.noteFault("artifacts' disk full")
      try Data().write(to: URL(fileURLWithPath: full))
      #expect(wait(30) { workers.allSatisfy { $0.said.contains("waits for room") } })
      let recorded = sweep.recordedCount
      Thread.sleep(forTimeInterval: 2)
      #expect(sweep.recordedCount == recorded)
      try FileManager.default.removeItem(atPath: full)
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state <> 'completed'") == 0)
      #expect(try sweep.violations(waste: .none) == [])
    }

    /// The tracker's disk again, on a file system of 16 MB that is really full.
    @Test(.enabled(if: Machine.canMount, "not run: mounting a tmpfs needs root"))
    func fullFileSystem_isWaitedOut() throws {
      let folder = NSTemporaryDirectory() + "muster-tmpfs-\(getpid())"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try tool("mount", "-t", "tmpfs", "-o", "size=16m", "none", folder)
      defer { _ = try? tool("umount", "-l", folder) }
      let sweep = try LiveSweep(
        "full-tmpfs", LiveSweep.Shape(trials: 12, trees: 300, lease: "1s"), folder: folder)
      try fillAndFree(sweep, rounds: 2 * Machine.soak) {
        let block = Data(count: 64 << 10)
        guard let file = fopen(folder + "/filler", "w") else { return }
        setvbuf(file, nil, _IONBF, 0)
        while block.withUnsafeBytes({ fwrite($0.baseAddress, 1, $0.count, file) }) == block.count {}
        fclose(file)
      } free: {
        try FileManager.default.removeItem(atPath: folder + "/filler")
      }
      sweep.endAll()
    }

    private func fillAndFree(
      _ sweep: LiveSweep, rounds: Int, fill: () throws -> Void, free: () throws -> Void
    ) throws {
      let coordinator = try sweep.startCoordinator()
      // Artifacts lie elsewhere: workers that wait for room would send nothing that the tracker could refuse.
      for slot in 0..<2 { try sweep.startWorker(slot, artifacts: sweep.logs + "/artifacts") }
      for round in 0..<rounds {
        #expect(wait(30) { sweep.recordedCount >= 4 * (round + 1) })
        sweep.noteFault("disk full")
        try fill()
        #expect(
          wait(30) { alarmCount(coordinator, "No result is acknowledged") == round + 1 }, "\(coordinator.said)")
        let recorded = sweep.recordedCount
        // Twice the lease: what is asserted is that nothing moves.
        Thread.sleep(forTimeInterval: 2)
        #expect(sweep.recordedCount == recorded && coordinator.isRunning)
        sweep.noteFault("space is back")
        let start = ProcessInfo.processInfo.systemUptime
        try free()
        #expect(wait(30) { sweep.recordedCount > recorded })
        print("I14: a result \(decimal(ProcessInfo.processInfo.systemUptime - start)) s after space came back")
      }
      #expect(try sweep.runToEnd() == 0, "\(coordinator.said)")
      #expect(alarmCount(coordinator, "No result is acknowledged") == rounds)
      #expect(alarmCount(coordinator, "is written again") == rounds)
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state <> 'completed'") == 0)
      #expect(try sweep.violations(waste: .none) == [])
    }

    private func alarmCount(_ program: Program, _ text: String) -> Int {
      program.said.components(separatedBy: text).count - 1
    }

    /// In real life: a flush to the tracker's disk fails. What the kernel then holds may not be on the disk, so the coordinator
    /// ends, says so, and the next start goes on from what is there.
    @Test func failedFlush_endsTheCoordinator_andTheNextStartGoesOn() throws {
      let shim = try #require(FaultShim.shared)
      for call in [3, 5] {
        let sweep = try LiveSweep("flush-\(call)", LiveSweep.Shape(trials: 4))
        let trip = sweep.logs + "/tripped"
        try sweep.startCoordinator(
          environment: shim.environment(
            "muster", below: [sweep.plan.tracker + "-wal"],
            [
              "MUSTER_FAULT_AT": "\(call)", "MUSTER_FAULT_ERRNO": "\(EIO)", "MUSTER_FAULT_KIND": "sync",
              "MUSTER_FAULT_TRIP": trip,
            ]), localWorkers: 1)
        #expect(try sweep.runToEnd() == 1, "\(sweep.coordinatorSaid)")
        #expect(FileManager.default.fileExists(atPath: trip))
        #expect(sweep.coordinatorSaid.contains("disk failed") && sweep.coordinatorSaid.contains("start again"))
        try sweep.startCoordinator(localWorkers: 1)
        #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
        #expect(try sweep.violations() == [])
      }
    }

    /// Goal: whichever write fails, no acknowledged result is lost, nothing crashes, and the message says what to do.
    /// Method: a small sweep for each n; the n-th write of the program fails once. Here every 7th n, in the soak each.
    @Test(arguments: ["muster", "muster-worker"], [EIO, ENOSPC])
    func nthWriteFails_nothingIsLost(program: String, number: Int32) throws {
      let shim = try #require(FaultShim.shared)
      let stride = Machine.soak > 1 ? 1 : (program == "muster" ? 11 : 5)
      var call = 1 + Int(number) % stride
      var tripCount = 0
      // The logs of the workers are left out: they are what acknowledged results are known by.
      let written = program == "muster" ? ["/tracker.db", "/workers"] : ["/workers/0", "/artifacts"]
      while call < 2_000 {
        let sweep = try LiveSweep("nth-\(program)-\(number)-\(call)", LiveSweep.Shape(trials: 2))
        let trip = sweep.logs + "/tripped"
        try sweep.startCoordinator(
          environment: shim.environment(
            program, below: written.map { sweep.folder + $0 },
            ["MUSTER_FAULT_AT": "\(call)", "MUSTER_FAULT_ERRNO": "\(number)", "MUSTER_FAULT_TRIP": trip]),
          localWorkers: 1)
        let status = try sweep.runToEnd()
        let tripped = (try? String(contentsOfFile: trip, encoding: .utf8)) ?? ""
        let label = "\(program), call \(call): \(tripped)\(sweep.coordinatorSaid)"
        // Ended well, or with a plain refusal: never by a signal, never hanging.
        #expect([0, 1, 75].contains(status ?? -999), "\(label)")
        if status != 0 {
          #expect(sweep.coordinatorSaid.contains("tracker") || sweep.coordinatorSaid.contains("/workers"), "\(label)")
          try sweep.startCoordinator(localWorkers: 1, name: "coordinator-again")
          #expect(try sweep.runToEnd() == 0, "\(label)\(sweep.coordinatorSaid)")
        }
        #expect(try sweep.violations() == [], "\(label)")
        if tripped.isEmpty { break }
        tripCount += 1
        call += stride
      }
      print(
        "n-th write of \(program) with errno \(number): \(tripCount) places, every \(stride). tried, up to call \(call)"
      )
      #expect(tripCount >= 3)
    }

    /// In real life: each flush takes longer than the lease. The coordinator hears its workers before it looks at the clock.
    @Test func slowFlushes_loseNoLease() throws {
      let shim = try #require(FaultShim.shared)
      let sweep = try LiveSweep("slow-flush", LiveSweep.Shape(trials: 3, heartbeat: "100ms", lease: "500ms"))
      try sweep.startCoordinator(
        environment: shim.environment("muster", below: [sweep.plan.tracker], ["MUSTER_FAULT_SLOW_SYNC": "800"]))
      for slot in 0..<2 { try sweep.startWorker(slot) }
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state <> 'completed'") == 0)
      #expect(try sweep.violations(waste: .none) == [])
    }

    /// I8, in real life: the home directory is on NFS. Method: statfs(2) says so.
    @Test func networkFileSystem_isRefused() throws {
      let shim = try #require(FaultShim.shared)
      let sweep = try LiveSweep("on-nfs", LiveSweep.Shape(trials: 1))
      try sweep.startCoordinator(
        environment: shim.environment("muster", below: [], ["MUSTER_FAULT_STATFS": "6969"]), localWorkers: 1)
      #expect(try sweep.runToEnd() == 65)
      #expect(sweep.coordinatorSaid.contains("NFS") && sweep.coordinatorSaid.contains("track.db"))
      #expect(!FileManager.default.fileExists(atPath: sweep.plan.tracker))
    }
  }
}
