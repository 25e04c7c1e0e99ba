// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hyperparameters
import Reporting
import Scheduling
import Sockets
import Sweeps
import WireProtocol

/// Many workers on one thread: each a `WorkerMachine` as shipped with a socket of its own. A task takes no time.
final class SimulatedCrew {
  private final class Member {
    var machine: WorkerMachine
    let socket: DealerSocket
    /// When a result was sent first, by attempt.
    var sentAt: [TaskAttempt: UInt64] = [:]
    var hasEnded = false

    init(machine: WorkerMachine, socket: DealerSocket) {
      self.machine = machine
      self.socket = socket
    }
  }

  private let context: MessageContext
  private var members: [Member] = []
  /// From the first sending of a result to its acknowledgement.
  private(set) var latencies: [UInt64] = []

  init(count: Int, endpoint: String, dataset: ContentDigest) throws {
    context = try MessageContext()
    for number in 1...count {
      let identity = WorkerIdentity(
        incarnation: Incarnation(high: 1, low: UInt64(number)), name: "w\(number)", host: "here",
        processID: Int64(number), codeVersion: codeVersion, machineType: "simulated")
      members.append(
        Member(
          machine: WorkerMachine(
            identity: identity, datasets: [dataset], slotCount: 2, jitterSeed: UInt64(number),
            at: Tick(milliseconds: monotonicMilliseconds())),
          socket: try DealerSocket(context, connecting: Endpoint(endpoint))))
    }
  }

  /// Runs until the coordinator has told every worker to leave.
  func run() throws {
    for member in members { obey(member, member.machine.handle(.start, at: now)) }
    var tickedAt: Int64 = 0
    while members.contains(where: { !$0.hasEnded }) {
      var isIdle = true
      for member in members where !member.hasEnded {
        while let payload = try member.socket.receive() {
          isIdle = false
          obey(member, member.machine.handle(.message(try decodeCoordinatorMessage(payload)), at: now))
        }
      }
      if now.milliseconds - tickedAt >= 100 {
        tickedAt = now.milliseconds
        for member in members where !member.hasEnded { obey(member, member.machine.handle(.tick, at: now)) }
      }
      // Nothing came: leave the core to the coordinator for a moment.
      if isIdle { usleep(200) }
    }
  }

  private var now: Tick { Tick(milliseconds: monotonicMilliseconds()) }

  private func obey(_ member: Member, _ directives: [WorkerMachine.Directive]) {
    for directive in directives {
      switch directive {
      case .send(let message):
        if case .result(let attempt, _) = message.body, member.sentAt[attempt] == nil {
          member.sentAt[attempt] = DispatchTime.now().uptimeNanoseconds
        }
        _ = member.socket.send(encode(message))
      case .train(let assignment):
        obey(
          member,
          member.machine.handle(
            .finished(assignment.taskAttempt, Self.result(trial: assignment.order.trial, fold: assignment.fold)),
            at: now))
      case .report(.acknowledged(let attempt, _)):
        if let sent = member.sentAt.removeValue(forKey: attempt) {
          latencies.append(DispatchTime.now().uptimeNanoseconds - sent)
        }
      case .exit: member.hasEnded = true
      case .cancel, .writeBreadcrumb, .clearBreadcrumb, .useBulk, .fetch, .remakeSocket, .report: break
      }
    }
  }

  /// What a result of a real fold holds, but for its curve and artifacts: three scores.
  static func result(trial: Int, fold: Int) -> FoldResult {
    let share = Double((trial &* 31 &+ fold) % 1_000) / 1_000
    return FoldResult(
      measurement: Measurement(
        metrics: [
          MetricValue(name: "valid/auprc", value: share), MetricValue(name: "valid/auroc", value: share),
          MetricValue(name: "valid/brier", value: 1 - share),
        ], curve: [], bestStep: 1, trainRowCount: 80, validRowCount: 20, artifacts: []),
      cost: Cost(wallMilliseconds: 0, cpuMilliseconds: 0, residentBytesPeak: 0))
  }
}
