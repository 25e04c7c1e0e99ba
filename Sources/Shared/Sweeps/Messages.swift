// SPDX-License-Identifier: Apache-2.0

/// What a worker says. The grammar of a session is in `docs/Protocol.md`.
package struct WorkerMessage: Hashable, Sendable {
  package let incarnation: Incarnation
  /// The epoch of the coordinator the worker believes it speaks to; 0 before the first welcome.
  package let epoch: Int64
  package private(set) var body: Body

  package init(incarnation: Incarnation, epoch: Int64, body: Body) {
    self.incarnation = incarnation
    self.epoch = epoch
    self.body = body
  }

  package enum Body: Hashable, Sendable {
    case hello(WorkerHello)
    case heartbeat([TaskProgress])
    /// Sent again until acknowledged.
    case result(TaskAttempt, FoldResult)
    /// Sent again until acknowledged.
    case failed(TaskAttempt, FailureReport)
    /// Given back unfinished by a draining worker. Sent again until acknowledged.
    case returned(TaskAttempt)
    /// No new work, please: the worker ends once what it holds is delivered.
    case draining
    case goodbye
  }

  /// With the name of the key that the message came by, where it introduces a worker.
  package func admitted(by keyName: String?) -> WorkerMessage {
    guard case .hello(var hello) = body else { return self }
    hello.identity.keyName = keyName
    var message = self
    message.body = .hello(hello)
    return message
  }
}

/// The first word of a session, and the answer to `helloAgain`.
package struct WorkerHello: Hashable, Sendable {
  package internal(set) var identity: WorkerIdentity
  /// Tasks the worker takes at a time: those it trains and those it holds ready.
  package let slotCount: Int
  /// Data sets it can open, by the digest of their manifest, ascending.
  package let datasets: [ContentDigest]
  /// Attempts it still works on: adopted by a restarted coordinator, not rerun.
  package let running: [TaskAttempt]
  /// Attempts whose result or failure it keeps and will send again.
  package let undelivered: [TaskAttempt]
  /// Attempts that an earlier process on this spot started and did not live to report: confirmed crashes.
  package let crashed: [TaskAttempt]
  package let isDraining: Bool
  package let room: WorkerRoom

  package init(
    identity: WorkerIdentity, slotCount: Int, datasets: [ContentDigest], running: [TaskAttempt] = [],
    undelivered: [TaskAttempt] = [], crashed: [TaskAttempt] = [], isDraining: Bool = false,
    room: WorkerRoom = WorkerRoom()
  ) {
    self.identity = identity
    self.slotCount = slotCount
    self.datasets = datasets
    self.running = running
    self.undelivered = undelivered
    self.crashed = crashed
    self.isDraining = isDraining
    self.room = room
  }
}

/// How far an attempt has come; for people, not for decisions.
package struct TaskProgress: Hashable, Sendable {
  package let taskAttempt: TaskAttempt
  package let step: Int
  package let stepCount: Int

  package init(taskAttempt: TaskAttempt, step: Int, stepCount: Int) {
    self.taskAttempt = taskAttempt
    self.step = step
    self.stepCount = stepCount
  }
}

/// What the coordinator says.
package struct CoordinatorMessage: Hashable, Sendable {
  package let epoch: Int64
  /// The process it is meant for: a worker drops what is meant for another.
  package let recipient: Incarnation
  package let body: Body

  package init(epoch: Int64, recipient: Incarnation, body: Body) {
    self.epoch = epoch
    self.recipient = recipient
    self.body = body
  }

  package enum Body: Hashable, Sendable {
    /// `bulkPort`: where bytes travel, on the same host; 0: nowhere.
    case welcome(heartbeatMilliseconds: Int64, leaseMilliseconds: Int64, bulkPort: Int = 0)
    case assign(Assignment)
    case acknowledged(TaskAttempt, Verdict)
    /// Answers each heartbeat; `cancel` names attempts whose outcome no one waits for any more, `recall` those that another
    /// worker would begin at once: to be given back unless they have begun here.
    case heartbeatReply(cancel: [TaskAttempt], recall: [TaskAttempt] = [])
    /// The coordinator does not know this process (it restarted, or gave it up): introduce yourself again.
    case helloAgain
    /// All is done or the operator asked: deliver what you hold and end.
    case drain
    /// Not welcome, and trying again will not help.
    case reject(code: String, message: String)
    /// There is work on data sets that the worker does not hold: it may fetch them from the bulk socket.
    case fetch([ContentDigest])
  }

  /// What became of a delivered result, failure or return. Any verdict lets the worker forget it.
  package enum Verdict: String, CaseIterable, Hashable, Sendable {
    /// Recorded, durably, as the task's result.
    case accepted
    /// The same attempt's report had been recorded already.
    case duplicate
    /// Another attempt's result is the recorded one, or the task is no longer wanted.
    case superseded
    /// The failure or the return was recorded.
    case noted
  }
}
