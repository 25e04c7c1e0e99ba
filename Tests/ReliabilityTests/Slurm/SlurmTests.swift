// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Testing

extension LiveTests {
  /// Workers under a real Slurm, of this test alone. Whatever Slurm does to them, the table is that of an undisturbed run.
  @Suite(.enabled(if: SlurmCluster.isThere, Comment(rawValue: SlurmCluster.notRun))) struct SlurmTests {
    private func start(
      _ name: String, nodes: Int = 2, _ shape: LiveSweep.Shape = .cluster
    ) throws -> (LiveSweep, SlurmCluster) {
      let cluster = try SlurmCluster(nodes: nodes)
      let sweep = try LiveSweep(name, shape)
      try sweep.startFoundCoordinator(cluster)
      return (sweep, cluster)
    }

    /// In real life: twenty workers are asked for on a cluster that has room for eight. Those whose turn comes when all is
    /// done find that out from the rendezvous file, and end with 0.
    @Test func arrayOfTwenty_onFourNodes() throws {
      let (sweep, cluster) = try start("slurm-array", nodes: 4)
      let job = try sweep.launch(cluster, count: 20)
      #expect(sweep.runToEnd(cluster) == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(DISTINCT name) FROM worker WHERE name LIKE 'slurm-\(job)-%'") >= 4)
      #expect(wait(60) { cluster.tasks().isEmpty })
      #expect(cluster.endings == Array(repeating: "COMPLETED", count: 20))
      #expect(try sweep.violations() == [])
    }

    /// In real life: an administrator requeues a job. The worker has KillWait to give back what it trains; it comes back with
    /// the same job id and another incarnation.
    @Test func requeuedWorkers_comeBack() throws {
      let (sweep, cluster) = try start("slurm-requeue")
      let job = try sweep.launch(cluster, count: 3)
      for place in 0..<3 {
        let recorded = sweep.recordedCount
        #expect(wait(60) { sweep.recordedCount >= recorded + 3 })
        sweep.noteFault("scontrol requeue \(job)_\(place)")
        try cluster.run("scontrol", "requeue", "\(job)_\(place)")
        #expect(wait(30) { cluster.task("\(job)_\(place)")?.state == "PENDING" })
        cluster.startNow("\(job)_\(place)")
      }
      #expect(sweep.runToEnd(cluster) == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM worker") >= 6)
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state = 'crashed'") == 0)
      #expect(try sweep.violations() == [])
    }

    /// In real life: a job of more weight takes the nodes. Workers are told, give back, and are started again afterwards.
    @Test func preemptedWorkers_comeBack() throws {
      let (sweep, cluster) = try start("slurm-preemption")
      let job = try sweep.launch(cluster, count: 4, "--partition", "low")
      #expect(wait(60) { sweep.recordedCount >= 5 })
      sweep.noteFault("a job of another partition takes both nodes")
      try cluster.run("sbatch", "--partition=high", "--nodes=2", "--exclusive", "--output=/dev/null", "--wrap=sleep 2")
      let preempted = wait(60) { cluster.tasks().filter { $0.id.hasPrefix(job) && $0.state == "PENDING" }.count == 4 }
      #expect(preempted, "\(cluster.tasks())")
      #expect(sweep.runToEnd(cluster) == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM worker") >= 5)
      #expect(try sweep.violations() == [])
    }

    /// In real life: a node loses its power. Slurm notices after SlurmdTimeout and starts its worker elsewhere; the fold has
    /// long been given to another by then.
    @Test func deadNode_itsWorkerStartsElsewhere() throws {
      let (sweep, cluster) = try start("slurm-node-death", nodes: 3)
      let job = try sweep.launch(cluster, count: 3, "--sbatch=--exclusive")
      #expect(wait(60) { sweep.recordedCount >= 5 })
      let victim = try #require(cluster.tasks().first { $0.id.hasPrefix(job) && $0.node == "n2" })
      sweep.noteFault("node n2 dies with task \(victim.id)")
      try cluster.killNode("n2")
      #expect(wait(10) { cluster.workers(of: victim.id).isEmpty })
      let isRequeued = wait(60) { cluster.task(victim.id).map { $0.state == "PENDING" } ?? false }
      #expect(isRequeued, "\(cluster.tasks())")
      #expect(sweep.runToEnd(cluster) == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state = 'lost'") >= 1)
      #expect(try sweep.violations() == [])
    }

    /// In real life: the time limit comes. The worker is told before, gives back and ends with 75; others go on. Slurm looks at
    /// time limits each half minute: one worker alone is not done with the sweep by then, on a fast machine either.
    @Test func timeLimit_givesBack() throws {
      let (sweep, cluster) = try start("slurm-time-limit", LiveSweep.Shape(trials: 104, trees: 1_400))
      let job = try sweep.launch(cluster, count: 1, "--time", "00:01:00", "--notice-seconds", "59")
      #expect(wait(70) { cluster.tasks().filter { $0.id.hasPrefix(job) }.isEmpty }, "\(cluster.tasks())")
      #expect(cluster.endings.allSatisfy { $0 == "FAILED" || $0 == "COMPLETED" }, "\(cluster.endings)")
      sweep.noteFault("the time limit of the worker")
      try sweep.launch(cluster, count: 2)
      #expect(sweep.runToEnd(cluster) == 0, "\(sweep.coordinatorSaid)")
      #expect(try sweep.count("SELECT count(*) FROM attempt WHERE state IN('crashed', 'failed')") == 0)
      #expect(try sweep.violations() == [])
    }

    /// In real life: the cable of a node is pulled. Slurm starts its job again elsewhere while the old worker trains on: two
    /// processes with one job id. Each is its own incarnation, and the tracker takes one result a fold.
    @Test(.enabled(if: Machine.canMakeNetworks, "not run: network namespaces need root"))
    func cutNode_bothCopiesOfTheJobLive() throws {
      let cluster = try SlurmCluster(nodes: 2, asHosts: true)
      let sweep = try LiveSweep("slurm-cut", .cluster)
      let keys = sweep.folder + "/keys"
      for name in ["coordinator", "cluster"] {
        try toolOf([sweep.installation.executables + "/muster", "keys", "new", name, "--keys", keys])
      }
      try sweep.startFoundCoordinator(cluster, address: SlurmCluster.controllerAddress, arguments: ["--keys", keys])
      let job = try sweep.launch(cluster, count: 2, "--sbatch=--exclusive", "--key-file", keys + "/cluster.key")
      #expect(wait(60) { sweep.recordedCount >= 5 }, "\(sweep.coordinatorSaid)")
      let victim = try #require(cluster.tasks().first { $0.id.hasPrefix(job) && $0.node == "n2" })
      sweep.noteFault("node n2 is cut off with task \(victim.id)")
      try cluster.cut(2)
      #expect(wait(60) { cluster.task(victim.id)?.state == "PENDING" }, "\(cluster.tasks())")
      // The place on n1 is taken: the other worker makes room.
      let other = try #require(cluster.tasks().first { $0.id.hasPrefix(job) && $0.node == "n1" })
      try sweep.muster(cluster, "workers", "drain", other.id)
      #expect(
        wait(40) {
          cluster.startNow(victim.id); return cluster.workers(of: victim.id).count == 2
        })
      sweep.noteFault("the cable is back, with both copies alive")
      let recorded = sweep.recordedCount
      #expect(wait(30) { sweep.recordedCount > recorded })
      try cluster.mend(2)
      #expect(sweep.runToEnd(cluster) == 0, "\(sweep.coordinatorSaid)")
      #expect(
        try sweep.count("SELECT count(*) FROM worker WHERE name = 'slurm-\(job)-\(victim.id.split(separator: "_")[1])'")
          >= 2)
      #expect(try sweep.violations() == [])
    }
  }
}
