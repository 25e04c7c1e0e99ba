// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing

extension LiveTests {
  /// Workers that find their coordinator by a file, and crews that grow and shrink.
  @Suite struct CrewTests {
    private func startWorker(_ sweep: LiveSweep, _ slot: Int) throws -> Program {
      try Program(
        sweep.installation.executables + "/muster-worker",
        [
          "start", "--rendezvous", sweep.rendezvous, "--data", sweep.installation.dataset, "--artifacts",
          sweep.folder + "/artifacts", "--name", "w\(slot)", "--spot", "\(sweep.logs)/spots/\(slot)",
        ], log: "\(sweep.logs)/worker-\(slot).log")
    }

    /// In real life: workers start before the coordinator, which dies and is started elsewhere. They wait for it, follow it with
    /// what they train, and a worker that comes when all is done ends at once. Method: each start listens on another port.
    @Test func workersFollowTheRendezvous_noFoldIsTrainedTwice() throws {
      let sweep = try LiveSweep("rendezvous", LiveSweep.Shape(trials: 14, trees: 400))
      let workers = try (0..<2).map { try startWorker(sweep, $0) }
      var ports: Set<String> = []
      for _ in 0..<3 {
        let coordinator = try sweep.startFoundCoordinator()
        let goal = sweep.recordedCount + 3
        #expect(wait(60) { sweep.recordedCount >= goal || !coordinator.isRunning }, "\(sweep.coordinatorSaid)")
        ports.insert(try String(contentsOfFile: sweep.rendezvous, encoding: .utf8))
        sweep.kill(coordinator, "coordinator")
      }
      try sweep.startFoundCoordinator()
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(ports.count == 3)
      for worker in workers { #expect(worker.end(within: 30) == 0) }
      #expect(try startWorker(sweep, 7).end(within: 30) == 0)
      #expect(try sweep.violations(waste: .none) == [])
    }

    /// In real life: the first start is Ctrl-C'd; who comes then waits, and goes on with the next start.
    @Test func stoppedSweep_workersWait() throws {
      let sweep = try LiveSweep("rendezvous-stopped", LiveSweep.Shape(trials: 8, trees: 300))
      let coordinator = try sweep.startFoundCoordinator()
      #expect(wait(30) { FileManager.default.fileExists(atPath: sweep.rendezvous) })
      coordinator.signal(SIGINT)
      #expect(coordinator.end(within: 30) == 130)
      let worker = try startWorker(sweep, 0)
      #expect(try String(contentsOfFile: sweep.rendezvous, encoding: .utf8).contains("state stopped"))
      try sweep.startFoundCoordinator()
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(worker.end(within: 30) == 0)
      #expect(try sweep.violations(waste: .none) == [])
    }

    /// In real life: a worker is preempted where KillWait is short. It was told to end, so its fold is not to blame: three such
    /// ends must not give it up.
    @Test func workerKilledInItsDrain_isNoCrash() throws {
      let sweep = try LiveSweep("killed-drain", LiveSweep.Shape(trials: 2, trees: 3_000))
      try sweep.startCoordinator()
      for kill in 1...3 {
        let worker = try sweep.startWorker(0)
        #expect(wait(30) { sweep.breadcrumb(0) != nil })
        worker.signal(SIGTERM)
        #expect(wait(30) { worker.said.components(separatedBy: "draining: the running fold").count > kill })
        sweep.kill(worker, "worker 0 in its drain")
      }
      #expect(try sweep.runToEnd() == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state = 'crashed'") == 0)
      #expect(try sweep.violations() == [])
    }

    @Test(.enabled(if: SlurmCluster.isThere, Comment(rawValue: SlurmCluster.notRun)))
    func listScaleAndDrain_followSlurm() throws {
      let cluster = try SlurmCluster(nodes: 2)
      let sweep = try LiveSweep("slurm-scale", .cluster)
      try sweep.startFoundCoordinator(cluster)
      let job = try sweep.launch(cluster, count: 6)
      #expect(wait(60) { sweep.recordedCount >= 3 })
      let list = try sweep.muster(cluster, "workers", "list", "--tracker", sweep.plan.tracker)
      #expect(list.contains("\(job)_0\tslurm-\(job)-0\t"), "\(list)")
      #expect(list.contains("waiting") && list.contains("running") && list.contains("could be used"), "\(list)")
      // The two that wait go first, then one that runs.
      #expect(try sweep.muster(cluster, "workers", "scale", "3").hasPrefix("let go: \(job)_5 \(job)_4 "))
      #expect(wait(60) { cluster.tasks().count == 3 }, "\(cluster.tasks())")
      #expect(try sweep.muster(cluster, "workers", "scale", "4").hasPrefix("1 more workers are asked for: slurm "))
      #expect(wait(60) { cluster.tasks().count == 4 }, "\(cluster.tasks())")
      let victim = try #require(cluster.tasks().first { $0.state == "RUNNING" })
      try sweep.muster(cluster, "workers", "drain", victim.id)
      #expect(wait(60) { cluster.task(victim.id) == nil }, "\(cluster.tasks())")
      #expect(sweep.runToEnd(cluster) == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state IN('crashed', 'failed')") == 0)
      #expect(try sweep.violations() == [])
    }

    /// In real life: one command on the head node; the coordinator asks Slurm for what it can use, and lets go what is left.
    @Test(.enabled(if: SlurmCluster.isThere, Comment(rawValue: SlurmCluster.notRun)))
    func coordinatorLaunchesByItself() throws {
      let cluster = try SlurmCluster(nodes: 2)
      let sweep = try LiveSweep("slurm-autoscale", .cluster)
      try sweep.startFoundCoordinator(
        cluster, arguments: ["--launch", "slurm", "--workers", "2..12", "--logs", sweep.logs, "--drain-seconds", "2"])
      #expect(sweep.runToEnd(cluster) == 0, "\(sweep.coordinatorSaid)")
      #expect(sweep.coordinatorSaid.contains("12 workers are asked for: slurm "), "\(sweep.coordinatorSaid)")
      #expect(wait(60) { cluster.tasks().isEmpty }, "\(cluster.tasks())")
      #expect(try sweep.violations() == [])
    }
  }
}
