// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Reporting
import Scheduling
import Search
import Sockets
import Sweeps
import Testing
import Tracking

@testable import Coordinator

/// The coordinator under load: its session as shipped, a real tracker (`synchronous=FULL`, acknowledged after COMMIT), real
/// sockets on loopback, and workers whose tasks take no time. Small in every run so that it cannot rot; figures with
/// `make bench-load`. Figures are printed, never checked.
@Suite(.serialized) struct LoadBenchmark {
  static let isLarge = ProcessInfo.processInfo.environment["MUSTER_BENCH"] != nil

  @Test func load_isPrinted() throws {
    let workerCount = Self.isLarge ? 200 : 8
    let trialCount = Self.isLarge ? 40_000 : 100
    let folder = NSTemporaryDirectory() + "muster-load-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/tracker.db"
    let (session, store, _) = try Self.makeSession(tracker: path, trialCount: trialCount)
    let crew = try SimulatedCrew(count: workerCount, endpoint: session.router.endpoint, dataset: Self.dataset)
    let failure = Locked<String?>(nil)
    let ended = DispatchSemaphore(value: 0)
    let handedOver = Unchecked(crew)
    let thread = Thread {
      do { try handedOver.value.run() } catch { failure.withLock { $0 = "\(error)" } }
      ended.signal()
    }
    let started = DispatchTime.now().uptimeNanoseconds
    let cpuBefore = processCPUSeconds()
    thread.start()
    let ending = try session.run()
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - started) / 1e9
    let cpuSeconds = processCPUSeconds() - cpuBefore
    ended.wait()
    try store.close()
    #expect(ending == .finished)
    #expect(failure.withLock { $0 } == nil)
    let taskCount = trialCount * 5
    let reader = try TrackerReader(path: path)
    #expect(
      try reader.sql("SELECT count(*), count(DISTINCT trial_id * 5 + fold) FROM result").rows
        == [[.integer(Int64(taskCount)), .integer(Int64(taskCount))]])
    let sorted = crew.latencies.sorted()
    #expect(sorted.count == taskCount)
    func milliseconds(_ share: Double) -> String {
      decimal(Double(sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]) / 1e6, places: 1)
    }
    print(
      "load: \(workerCount) workers, \(taskCount) no-op folds in \(decimal(seconds, places: 2)) s: "
        + "\(Int(Double(taskCount) / seconds)) durable results/s; from result to acknowledgement p50 "
        + "\(milliseconds(0.5)) ms, p99 \(milliseconds(0.99)) ms; CPU of coordinator and workers together "
        + "\(decimal(cpuSeconds / Double(taskCount) * 1e6, places: 1)) us a fold")
  }

  static let dataset = ContentDigest(bytes: [UInt8](repeating: 7, count: 32))

  static func makeSession(
    tracker path: String, trialCount: Int
  ) throws -> (SweepSession, TrackerStore, OpenedSweep) {
    let folds = FoldPlan(scheme: .stratifiedGrouped, foldCount: 5, seed: 1)
    let store = try TrackerStore(path: path, codeVersion: codeVersion, at: wallClockMilliseconds())
    let opened = try store.openSweep(
      SweepRegistration(
        name: "load", outcome: .readmission30d,
        dataset: SweepRegistration.Dataset(
          digest: dataset, name: "none", source: "synthetic", path: "none", rowCount: 100, patientCount: 80,
          columnCount: 9, prevalence: 0.12), metric: "valid/auroc", isMaximized: true, folds: folds, sampler: "random",
        seed: 1, spec: "{}", specDigest: "load", codeVersion: codeVersion), at: wallClockMilliseconds())
    let space = SearchSpace([
      SearchSpace.Parameter("model", .fixed(.text("linear"))),
      SearchSpace.Parameter("l2", .real(try RealRange(1e-4, 10, log: true))),
    ])
    let session = SweepSession(
      store: store, router: try RouterSocket(MessageContext(), binding: Endpoint("tcp://127.0.0.1:*")), door: .plain,
      mailbox: try Mailbox(), sweepName: "load",
      book: TrialBook(
        TrialBook.Settings(
          sweep: opened.id, dataset: dataset, outcome: .readmission30d, folds: folds, seed: 1,
          objective: Objective(metric: "valid/auroc", direction: .maximize, aggregate: .mean),
          trialCountMax: trialCount), sampler: RandomSampler(space: space, seed: 1)), settings: SchedulerSettings(),
      recovered: opened.recovered, view: LiveView(console: Console(color: .never), isQuiet: true))
    return (session, store, opened)
  }

  private func processCPUSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// Hands an object to a thread that then is its only user.
private struct Unchecked<Value>: @unchecked Sendable {
  // Not shared: the maker does not touch the value until the thread has ended.
  let value: Value
  init(_ value: Value) { self.value = value }
}
