// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Workers as array jobs of Slurm, by its own programs: sbatch, squeue, scancel, scontrol.
package struct SlurmEngine: WorkerEngine {
  package let settings: SlurmSettings
  package init(settings: SlurmSettings) { self.settings = settings }

  private func tool(_ name: String) -> Tool {
    Tool(name: name, help: "run this on a node that has Slurm's programs")
  }

  package func script(_ order: WorkerOrder, count: Int) throws(LaunchError) -> String {
    try SlurmScript(settings: settings, order: order, count: count).text()
  }

  package func launch(_ order: WorkerOrder, count: Int) throws(LaunchError) -> Launch {
    let text = try script(order, count: count)
    do {
      // sbatch takes the job and Slurm then fails it where its log cannot be opened.
      try FileManager.default.createDirectory(atPath: order.logs, withIntermediateDirectories: true)
    } catch {
      throw LaunchError(.failed, what: order.logs, detail: "the folder for logs could not be made: \(error)")
    }
    let said = try tool("sbatch").require(["--parsable"], input: text)
    // "8123", or "8123;cluster".
    let job = said.split(whereSeparator: { $0 == ";" || $0.isWhitespace }).first.map(String.init) ?? ""
    guard !job.isEmpty, job.allSatisfy(\.isNumber) else {
      throw LaunchError(.failed, what: "sbatch", detail: "expected a job's number, found \(said.debugDescription)")
    }
    return Launch(handle: job, count: count, order: order, at: Int64(Date().timeIntervalSince1970 * 1_000))
  }

  package func survey(_ launches: [Launch]) throws(LaunchError) -> [EngineWorker] {
    guard !launches.isEmpty else { return [] }
    // All of one's own jobs: asked for by number, squeue fails once a job is forgotten.
    let text = try tool("squeue").require(["--noheader", "--array", "--me", "--format=%F|%K|%T|%N|%r"])
    return Self.parse(text, launches: launches)
  }

  /// Lines of `squeue --array --format=%F|%K|%T|%N|%r`: job, place in the array, state, node, reason.
  static func parse(_ text: String, launches: [Launch]) -> [EngineWorker] {
    let handles = launches.map(\.handle)
    let found = text.split(separator: "\n").compactMap { line -> (Int, EngineWorker)? in
      let fields = line.split(separator: "|", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard fields.count == 5, handles.contains(fields[0]), let place = Int(fields[1]), let state = state(fields[2])
      else { return nil }
      let worker = EngineWorker(
        id: "\(fields[0])_\(place)", name: "slurm-\(fields[0])-\(place)", state: state, host: fields[3],
        note: state == .waiting ? fields[4] : "", launch: fields[0])
      return (place, worker)
    }
    return handles.flatMap { handle in
      found.filter { $0.1.launch == handle }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// - Source: squeue(1), "JOB STATE CODES".
  private static func state(_ word: String) -> EngineWorker.State? {
    switch word {
    case "PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT": .waiting
    case "RUNNING", "SUSPENDED", "STOPPED", "SIGNALING", "RESIZING": .running
    case "COMPLETING", "STAGE_OUT", "PREEMPTED": .leaving
    default: nil
    }
  }

  package func release(_ workers: [EngineWorker]) throws(LaunchError) {
    let waiting = workers.filter { $0.state == .waiting }.map(\.id)
    let running = workers.filter { $0.state == .running }.map(\.id)
    if !waiting.isEmpty { try cancel([], waiting) }
    guard !running.isEmpty else { return }
    // A worker that gives work back ends with 75, and where slurm.conf says RequeueExit=75 it would be started again.
    // What has ended in the meantime cannot be updated, and need not be.
    for id in running { _ = try tool("scontrol").run(["update", "JobId=\(id)", "Requeue=0"]) }
    // To the batch step alone, which is the worker itself (exec): it has its drain time, and nothing kills it after that.
    try cancel(["--signal=TERM", "--batch"], running)
  }

  private func cancel(_ options: [String], _ ids: [String]) throws(LaunchError) {
    // A thousand ids are 12 kB of arguments.
    for start in stride(from: 0, to: ids.count, by: 1_000) {
      let answer = try tool("scancel").run(options + ids[start..<min(start + 1_000, ids.count)])
      let isOver = answer.error.contains("Invalid job id") || answer.error.contains("already")
      guard answer.status == 0 || isOver else { throw LaunchError(.failed, what: "scancel", detail: answer.problem) }
    }
  }
}
