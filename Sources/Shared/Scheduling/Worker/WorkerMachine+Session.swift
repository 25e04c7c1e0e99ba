// SPDX-License-Identifier: Apache-2.0

import Sweeps

extension WorkerMachine {
  mutating func start() {
    precondition(phase == .idle, "a worker starts once: \(self)")
    connect()
  }

  /// Says hello now, and again until it is welcomed.
  func hasSaidHelloJustNow() -> Bool {
    phase == .connecting && helloAt.milliseconds - now.milliseconds > settings.helloMilliseconds / 2
  }

  mutating func connect() {
    phase = .connecting
    silenceEnd = now + settings.silenceMilliseconds + nextJitter(below: settings.silenceMilliseconds / 2)
    sendHello()
  }

  mutating func sendHello() {
    send(
      .hello(
        WorkerHello(
          identity: identity, slotCount: slotCount, datasets: datasets, running: heldAttempts,
          undelivered: undeliveredAttempts, crashed: crashed, isDraining: isDraining, room: room)))
    helloAt = now + settings.helloMilliseconds + nextJitter(below: settings.helloMilliseconds / 5)
  }

  mutating func receive(_ message: CoordinatorMessage) {
    // An older epoch is a coordinator that has been replaced; it may not know that yet.
    guard message.recipient == identity.incarnation, message.epoch >= epoch, phase != .idle else {
      return direct(.report(.messageStale(epoch: message.epoch, recipient: message.recipient)))
    }
    silenceEnd = now + settings.silenceMilliseconds
    switch message.body {
    case .welcome(let heartbeat, _, let bulkPort):
      becomeActive(epoch: message.epoch, heartbeatMilliseconds: heartbeat, bulkPort: bulkPort)
    case .helloAgain:
      if hasSaidHelloJustNow() { return }
      direct(.report(.helloAsked))
      connect()
    case .reject(let code, let text):
      phase = .ended
      direct(.exit(code: ExitCode.rejected, message: "the coordinator refuses this worker: \(code): \(text)"))
    case .assign, .acknowledged, .heartbeatReply, .drain, .fetch:
      // What a new coordinator says before its welcome was meant for a session that this worker does not have.
      guard message.epoch == epoch else {
        return direct(.report(.messageStale(epoch: message.epoch, recipient: message.recipient)))
      }
      obey(message.body)
    }
  }

  private mutating func obey(_ body: CoordinatorMessage.Body) {
    switch body {
    case .assign(let assignment): take(assignment)
    case .acknowledged(let taskAttempt, let verdict): forget(taskAttempt, verdict)
    case .heartbeatReply(let cancel, let recall):
      for taskAttempt in cancel { drop(taskAttempt) }
      for taskAttempt in recall { returnUnbegun(taskAttempt) }
    case .drain: beginDraining()
    case .fetch(let datasets): fetch(datasets)
    case .welcome, .helloAgain, .reject: break
    }
  }

  private mutating func fetch(_ wanted: [ContentDigest]) {
    guard phase == .active, !isDraining else { return }
    let missing = wanted.filter { !datasets.contains($0) }
    // The coordinator does not know what is held here: the hello that said so was lost.
    if missing.isEmpty { return connect() }
    direct(.fetch(missing))
  }

  private mutating func becomeActive(epoch: Int64, heartbeatMilliseconds: Int64, bulkPort: Int) {
    for taskAttempt in crashed { direct(.clearBreadcrumb(taskAttempt)) }
    crashed.removeAll()
    self.epoch = epoch
    // A hello is answered once for each time it arrives; only the first answer begins the session.
    guard phase == .connecting else { return }
    phase = .active
    self.heartbeatMilliseconds = min(max(heartbeatMilliseconds, 50), 60_000)
    direct(.report(.welcomed(epoch: epoch)))
    direct(.useBulk(port: bulkPort))
    heartbeatAt = now + self.heartbeatMilliseconds
    for position in undelivered.indices {
      undelivered[position].sendAt = now
      undelivered[position].wait = settings.resendMilliseconds
    }
    if isDraining { send(.draining) }
  }

  mutating func beginDraining() {
    guard !isDraining else { return }
    isDraining = true
    direct(.report(.draining))
    if phase == .active { send(.draining) }
    let unstarted = ready
    ready.removeAll()
    for assignment in unstarted { giveBack(assignment.taskAttempt) }
  }

  mutating func runTimers() {
    if phase == .connecting, now >= helloAt { sendHello() }
    if phase == .active {
      resend()
      if now >= heartbeatAt { sendHeartbeat() }
    }
    if now >= silenceEnd {
      direct(.report(.silence(milliseconds: settings.silenceMilliseconds)))
      direct(.remakeSocket)
      connect()
    }
  }

  /// Names all that the worker holds, trained or not, reported or not: as long as it speaks of an attempt, no one else
  /// needs to make it.
  private mutating func sendHeartbeat() {
    var progress: [TaskProgress] = []
    if let running { progress.append(running.progress) }
    for assignment in ready {
      progress.append(TaskProgress(taskAttempt: assignment.taskAttempt, step: 0, stepCount: 0))
    }
    progress += undelivered.map(\.progress)
    send(.heartbeat(progress))
    heartbeatAt = now + heartbeatMilliseconds
  }

  /// Ends a draining worker that has nothing left, or that has tried to deliver for long enough.
  mutating func endIfDrained() {
    guard isDraining, phase != .ended, phase != .idle, running == nil else { return }
    if deliveryEnd == nil { deliveryEnd = now + settings.deliveryMilliseconds }
    if undelivered.isEmpty {
      send(.goodbye)
      phase = .ended
      direct(
        .exit(
          code: hasReturnedWork ? ExitCode.workLeft : ExitCode.done,
          message: hasReturnedWork ? "drained; unfinished work was given back" : "drained; all is delivered"))
    } else if let deliveryEnd, now >= deliveryEnd {
      phase = .ended
      direct(
        .exit(
          code: ExitCode.workLeft,
          message:
            "drained, but \(undelivered.count) reports could not be delivered in \(settings.deliveryMilliseconds) ms"))
    }
  }
}
