// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing

extension LiveTests {
  /// No shared file system: the data set comes to the workers and what they make goes to the coordinator by the bulk socket.
  @Suite(.enabled(if: Machine.canMakeNetworks && Machine.canMount, "not run: hosts of their own need root"))
  struct TransferTests {
    /// I10, in real life: a second machine joins with nothing but a key. Two workers on it share one transfer.
    @Test func noSharedFolder_tableIsTheSame() throws {
      let far = try FarHosts("no-shared-folder", LiveSweep.Shape(trials: 6, trees: 200))
      try far.startCoordinator()
      for slot in 0..<2 { try far.startWorker(slot) }
      #expect(try far.sweep.runToEnd(within: 120) == 0, "\(far.sweep.coordinatorSaid)")
      #expect(try far.sweep.violations() == [])
      #expect(try far.sweep.count("SELECT count(*) FROM artifact") > 0)
      #expect(try far.missingArtifacts() == [])
      let sent = try #require(far.sentBytes)
      #expect(sent > far.datasetBytes / 2 && sent < far.datasetBytes * 3 / 2, "\(sent) of \(far.datasetBytes) bytes")
    }

    /// In real life: the cable is pulled while the shards are on their way. They go on where they were.
    @Test func cutInMidTransfer_isContinued() throws {
      let far = try FarHosts("cut-transfer", LiveSweep.Shape(trials: 3, trees: 100))
      try far.startCoordinator(megabytesPerSecond: 1)
      try far.startWorker(0)
      #expect(wait(30) { far.isFetching })
      far.sweep.noteFault("cut 4 s in mid-transfer")
      try far.hosts.cut()
      Thread.sleep(forTimeInterval: 4)
      #expect(!far.hasFetched)
      try far.hosts.mend()
      #expect(try far.sweep.runToEnd(within: 120) == 0, "\(far.sweep.coordinatorSaid)")
      #expect(try far.sweep.violations() == [])
      #expect(try far.missingArtifacts() == [])
    }

    /// In real life: the worker that fetches is killed; another on its host takes over. No task is blamed for it.
    @Test func killInMidTransfer_costsNoTask() throws {
      let far = try FarHosts("killed-transfer", LiveSweep.Shape(trials: 3, trees: 100))
      try far.startCoordinator(megabytesPerSecond: 1)
      let first = try far.startWorker(0)
      #expect(wait(30) { far.isFetching })
      try far.startWorker(1)
      far.sweep.kill(first, "worker 0 in mid-transfer")
      #expect(try far.sweep.runToEnd(within: 120) == 0, "\(far.sweep.coordinatorSaid)")
      #expect(try far.sweep.violations() == [])
      #expect(try far.sweep.count("SELECT count(*) FROM attempt WHERE state = 'crashed'") == 0)
    }

    /// I13, in real life: the cache's disk turned some bits since. Found by the rows' digests, fetched again, and no fold fails.
    @Test func damagedCache_isMended_andNoFoldFails() throws {
      let far = try FarHosts("damaged-cache", LiveSweep.Shape(trials: 4, trees: 300))
      try far.startCoordinator()
      let worker = try far.startWorker(0)
      #expect(wait(60) { far.sweep.recordedCount > 0 })
      far.sweep.kill(worker, "worker 0")
      let shard = try #require(far.cachedFolder()) + "/shard-0000.h5"
      let sound = try Data(contentsOf: URL(fileURLWithPath: shard))
      var damaged = sound
      for offset in stride(from: 20_000, to: damaged.count, by: 20_000) { damaged[offset] ^= 1 }
      try damaged.write(to: URL(fileURLWithPath: shard))
      try far.startWorker(0)
      #expect(try far.sweep.runToEnd(within: 120) == 0, "\(far.sweep.coordinatorSaid)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: shard)) == sound)
      #expect(try far.sweep.count("SELECT count(*) FROM attempt WHERE state = 'failed'") == 0)
      #expect(try far.sweep.violations() == [])
    }

    /// I1, in real life: the coordinator is killed while workers far away train and deliver. What its tracker names lies in its
    /// folder afterwards.
    @Test func coordinatorKilled_everyArtifactIsThere() throws {
      let far = try FarHosts("far-restart", LiveSweep.Shape(trials: 8, trees: 300))
      try far.startCoordinator()
      for slot in 0..<2 { try far.startWorker(slot) }
      for round in 1...3 {
        #expect(wait(60) { far.sweep.recordedCount >= 5 * round })
        far.sweep.kill(far.sweep.coordinator, "the coordinator")
        Thread.sleep(forTimeInterval: 0.5)
        try far.startCoordinator()
      }
      #expect(try far.sweep.runToEnd(within: 120) == 0, "\(far.sweep.coordinatorSaid)")
      #expect(try far.sweep.violations() == [])
      #expect(try far.missingArtifacts() == [])
    }

    /// In real life: a node with little disk. It is told, and told on, and the sweep goes on without it.
    @Test func workerWithoutRoom_isNamed_andTheOthersDoTheWork() throws {
      let far = try FarHosts("no-room", LiveSweep.Shape(trials: 3, trees: 100))
      try far.startCoordinator()
      try far.startWorker(1, cache: "small", ["--cache-quota", "100kB"])
      #expect(wait(30) { far.sweep.coordinatorSaid.contains("its cache may hold") }, "\(far.sweep.coordinatorSaid)")
      try far.startWorker(0)
      #expect(try far.sweep.runToEnd(within: 120) == 0, "\(far.sweep.coordinatorSaid)")
      #expect(far.cached("small").isEmpty)
      #expect(try far.sweep.violations() == [])
    }

    /// I17, in real life: a preempted worker's fold goes on elsewhere, from the checkpoint it left, on a host that never saw it.
    @Test func drainedFold_goesOnElsewhereFromItsCheckpoint() throws {
      // Wide rows, so that no machine is at the fold's end before the drain is.
      let dataset = try Installation.shared.get().folder + "/datasets/wide"
      try makeLargeDataset(in: dataset, rowCount: 600)
      let far = try FarHosts(
        "far-checkpoint", LiveSweep.Shape(trials: 1, folds: 2, trees: 100_000), dataset: dataset)
      try far.startCoordinator()
      let first = try far.startWorker(0)
      #expect(wait(60) { first.said.contains("training 1#0") })
      Thread.sleep(forTimeInterval: 2)
      first.signal(SIGTERM)
      #expect(first.end(within: 30) == 75, "\(first.said)")
      let left =
        (try? FileManager.default.contentsOfDirectory(atPath: far.sweep.folder + "/artifacts/checkpoints")) ?? []
      #expect(left.count == 1, "\(left)")
      // Only its resuming is looked at, not its end.
      let second = try far.startWorker(1, cache: "other")
      #expect(wait(60) { second.said.contains("came from the coordinator") }, "\(second.said)")
      far.sweep.endAll()
    }
  }
}
