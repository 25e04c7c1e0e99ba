// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import InstallationKit
import Reporting
import Sockets
import Sweeps
import Testing
import WireProtocol

/// A worker that starts with nothing but a key, on another host: how long until it trains, beside what a plain TCP copy of the
/// same bytes takes on the same line; and what the transfer does to the round trips of the control socket meanwhile. Small in
/// every run; `make bench-cold-start` for a gigabyte over 1 Gbit/s. Times are printed, never checked.
extension LiveTests {
  @Suite(.enabled(if: Machine.canMakeNetworks && Machine.canMount, "not run: hosts of their own need root"))
  struct ColdStartBenchmark {
    private static let environment = ProcessInfo.processInfo.environment
    private static let isLarge = environment["MUSTER_BENCH"] == "1"

    @Test func coldWorker_trains() throws {
      let rowCount = Self.isLarge ? 161_000 : 600
      let rate = Self.environment["MUSTER_RATE"] ?? "1gbit"
      let installation = try Installation.shared.get()
      // The folder's name is hidden from the second host.
      let dataset = installation.folder + "/datasets/large-\(rowCount)"
      if !FileManager.default.fileExists(atPath: dataset) { try makeLargeDataset(in: dataset, rowCount: rowCount) }
      let far = try FarHosts(
        "cold-start", LiveSweep.Shape(trials: 1, trees: 20, heartbeat: "1s", lease: "10s"), dataset: dataset)
      if Self.isLarge { try far.hosts.limit(rate) }
      let bytes = try byteCount(dataset)
      let copySeconds = try copy(dataset, far.hosts)
      try far.startCoordinator()
      #expect(wait(60) { far.sweep.coordinatorSaid.contains("listening on") })
      let idle = try probe(far, seconds: Self.isLarge ? 6 : 1)
      let prober = try startProbe(far, seconds: Self.isLarge ? Int(copySeconds) : 1)
      let start = ProcessInfo.processInfo.systemUptime
      let worker = try far.startWorker(0)
      #expect(wait(300) { far.hasFetched })
      let fetchedSeconds = ProcessInfo.processInfo.systemUptime - start
      #expect(wait(300) { worker.said.contains("training 1#0") }, "\(worker.said)")
      let seconds = ProcessInfo.processInfo.systemUptime - start
      _ = prober.end(within: 60)
      let busy = Self.lastLine(prober)
      // That it really trains: a fold that was trained on these bytes is recorded.
      #expect(wait(Self.isLarge ? 300 : 60) { far.sweep.recordedCount > 0 }, "\(worker.said)")
      far.sweep.endAll()
      print(
        """
        cold start: \(bytes) bytes in \(try fileCount(dataset)) files, line \(Self.isLarge ? rate : "not limited")
          plain TCP copy        \(text(copySeconds)) s  \(Int(Double(bytes) / copySeconds / 1e6)) MB/s
          fetched and verified  \(text(fetchedSeconds)) s
          training              \(text(seconds)) s, \(text(seconds / copySeconds)) × the copy (goal 1.20)
          control round trip, idle      \(idle)
          control round trip, meanwhile \(busy)
        """)
    }

    private func text(_ seconds: Double) -> String { String(format: "%.2f", seconds) }

    private func files(_ folder: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" }
    }

    private func fileCount(_ folder: String) throws -> Int { try files(folder).count }

    private func byteCount(_ folder: String) throws -> Int {
      try files(folder).reduce(0) {
        $0 + (try FileManager.default.attributesOfItem(atPath: $1)[.size] as? Int ?? 0)
      }
    }

    /// All bytes from the first host to a file on the second, with nothing between them but TCP.
    private func copy(_ dataset: String, _ hosts: TwoHosts) throws -> Double {
      let target = NSTemporaryDirectory() + "muster-copy-\(getpid())"
      let serve = """
        import socket,sys
        s=socket.create_server(('\(TwoHosts.firstFarAddress)',5700)); c,_=s.accept()
        for n in sys.argv[1:]: c.sendfile(open(n,'rb'))
        c.close()
        """
      let take = """
        import socket,time
        for _ in range(100):
          try: c=socket.create_connection(('\(TwoHosts.firstFarAddress)',5700)); break
          except OSError: time.sleep(0.05)
        t=time.monotonic(); f=open('\(target)','wb')
        while True:
          b=c.recv(1<<20)
          if not b: break
          f.write(b)
        f.close(); print(time.monotonic()-t)
        """
      let server = try Program(
        "/usr/bin/env", hosts.onFirst + ["python3", "-c", serve] + files(dataset), log: target + ".log")
      defer {
        server.killNow()
        try? FileManager.default.removeItem(atPath: target)
      }
      let words = hosts.onSecond + ["python3", "-c", take]
      let said = try tool(words)
      return try #require(Double(said.split(separator: "\n").last ?? ""))
    }

    /// Runs `controlProbe` of this very bundle on the second host, to its end.
    private func probe(_ far: FarHosts, seconds: Int) throws -> String {
      let program = try startProbe(far, seconds: seconds)
      #expect(program.end(within: Double(seconds) + 60) == 0, "\(program.said)")
      return Self.lastLine(program)
    }

    private func startProbe(_ far: FarHosts, seconds: Int) throws -> Program {
      let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let log = far.sweep.logs + "/probe-\(UUID().uuidString).log"
      let own = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? bundle
      return try Program(
        "/usr/bin/env", far.hosts.onSecond + [own, "--testing-library", "swift-testing", "--filter", "ControlProbe"],
        log: log,
        environment: [
          "MUSTER_PROBE": "\(far.sweep.endpoint) \(far.keyPath("far")) \(far.coordinatorKeyPath) \(max(1, seconds))"
        ])
    }

    private static func lastLine(_ program: Program) -> String {
      program.said.split(separator: "\n").last { $0.contains("round trips") }.map(String.init)
        ?? "no probe: \(program.said)"
    }
  }
}

/// What `ColdStartBenchmark` runs on the other host: heartbeats of a worker that holds nothing, one each 10 ms, and how long
/// each took to be answered.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MUSTER_PROBE"] != nil, "run by ColdStartBenchmark"))
struct ControlProbe {
  @Test func roundTrips() throws {
    let words = (ProcessInfo.processInfo.environment["MUSTER_PROBE"] ?? "").split(separator: " ").map(String.init)
    try #require(words.count == 4)
    let dealer = try DealerSocket(
      MessageContext(), connecting: Endpoint(words[0]),
      security: .curve(KeyFile(path: words[1]).keys, coordinator: readPublicKey(words[2])))
    let incarnation = Incarnation(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max))
    let identity = WorkerIdentity(
      incarnation: incarnation, name: "probe", host: "probe", processID: 1, codeVersion: codeVersion,
      machineType: "none")
    func roundTrip(_ body: WorkerMessage.Body, epoch: Int64) throws -> (Double, CoordinatorMessage)? {
      let wake = try WakeSignal()
      let start = DispatchTime.now().uptimeNanoseconds
      _ = dealer.send(encode(WorkerMessage(incarnation: incarnation, epoch: epoch, body: body)))
      for _ in 0..<50 {
        while let payload = try dealer.receive() {
          let message = try decodeCoordinatorMessage(payload)
          switch message.body {
          case .welcome, .heartbeatReply:
            return (Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6, message)
          default: continue
          }
        }
        dealer.wait(orFor: wake, milliseconds: 100)
      }
      return nil
    }
    let hello = WorkerHello(identity: identity, slotCount: 1, datasets: [])
    let (_, welcome) = try #require(try roundTrip(.hello(hello), epoch: 0))
    var times: [Double] = []
    var lostCount = 0
    let end = ProcessInfo.processInfo.systemUptime + (Double(words[3]) ?? 1)
    while ProcessInfo.processInfo.systemUptime < end {
      if let (time, _) = try roundTrip(.heartbeat([]), epoch: welcome.epoch) {
        times.append(time)
      } else {
        lostCount += 1
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    times.sort()
    let text = { (share: Double) in
      String(format: "%.2f", times[min(times.count - 1, Int(share * Double(times.count)))])
    }
    try #require(!times.isEmpty)
    print(
      "\(times.count) round trips, \(lostCount) lost: median \(text(0.5)) ms, p99 \(text(0.99)) ms, longest \(text(1)) ms"
    )
  }
}
