// SPDX-License-Identifier: Apache-2.0

import Randomness
import Scheduling
import Sweeps

/// The workers' simulated shells: processes, training, breadcrumbs.
extension Simulation {
  mutating func startWorker(_ spot: Int) {
    guard workers[spot].machine == nil, !workers[spot].isGone else { return }
    incarnationCount += 1
    let incarnation = Incarnation(high: CounterGenerator.mix(seed), low: incarnationCount)
    spots[incarnation] = spot
    workers[spot].generation += 1
    workers[spot].incarnation = incarnation
    workers[spot].resultAttempts.removeAll()
    workers[spot].resultsSent.removeAll()
    workers[spot].slowness = plan.kind == .storm && !isHealed && random.below(10) == 0 ? 20 : 1
    let identity = WorkerIdentity(
      incarnation: incarnation, name: "w\(spot)", host: workers[spot].host, processID: Int64(incarnationCount),
      codeVersion: "1", machineType: "simulated")
    var room = WorkerRoom()
    room.coreCount = shape.coreCount
    if shape.startsCold { room.fetchBytesMax = 10_000 }
    let isCold = shape.startsCold && spot != 0 && !workers[spot].holdsData
    workers[spot].machine = WorkerMachine(
      identity: identity, datasets: isCold ? [] : [workload.dataset], slotCount: shape.slotCount,
      crashed: workers[spot].breadcrumbs, room: room,
      jitterSeed: incarnationCount, at: Tick(milliseconds: now))
    feed(.start, to: spot)
    heap.push(.workerTick(spot: spot, generation: workers[spot].generation), at: now + 500)
  }

  /// - Parameter isGone: it will not be started again.
  mutating func endProcess(_ spot: Int, isGone: Bool = false) {
    workers[spot].machine = nil
    workers[spot].training = nil
    workers[spot].generation += 1
    workers[spot].isGone = isGone
    if !isGone { heap.push(.workerStarts(spot: spot), at: now + 200 + Int64(random.below(3_000))) }
  }

  mutating func killWorker(_ spot: Int) {
    guard workers[spot].machine != nil, !isHealed || workers[spot].training != nil else { return }
    if let training = workers[spot].training { crashCounts[training.task, default: 0] += 1 }
    endProcess(spot)
  }

  mutating func drainWorker(_ spot: Int) {
    guard workers[spot].machine != nil else { return }
    probes.insert("drain")
    let isStopped = random.below(2) == 0
    feed(.drain, to: spot)
    if isStopped, let training = workers[spot].training {
      heap.push(.trainingStops(spot: spot, training.attempt), at: now + 300)
    }
  }

  mutating func tickWorker(_ spot: Int, _ generation: Int, _ event: Event) {
    guard generation == workers[spot].generation, workers[spot].machine != nil else { return }
    guard now >= workers[spot].pausedUntil else { return heap.push(event, at: workers[spot].pausedUntil) }
    feed(.tick, to: spot)
    heap.push(event, at: now + 500)
  }

  mutating func deliverToWorker(_ message: CoordinatorMessage, _ spot: Int, _ event: Event) {
    guard workers[spot].machine != nil else { return }
    guard now >= workers[spot].pausedUntil else { return heap.push(event, at: workers[spot].pausedUntil) }
    if message.recipient != workers[spot].incarnation { probes.insert("messageForAnotherProcess") }
    var message = message
    if bug == .incarnationIgnored {
      message = CoordinatorMessage(epoch: message.epoch, recipient: workers[spot].incarnation, body: message.body)
    }
    checkAcknowledgement(message, spot)
    feed(.message(message), to: spot)
  }

  mutating func endTraining(_ spot: Int, _ attempt: Attempt, _ event: Event) {
    guard let assignment = workers[spot].training, assignment.attempt == attempt else { return }
    guard now >= workers[spot].pausedUntil else { return heap.push(event, at: workers[spot].pausedUntil) }
    let task = assignment.task
    switch workload.nature(task) {
    case .poison: return killWorker(spot)
    case .invalid: fail(assignment, on: spot, .invalidTask)
    case .failing: fail(assignment, on: spot, .other)
    case .flaky(let count) where failureCounts[task, default: 0] < count: fail(assignment, on: spot, .resources)
    case .flaky, .sound:
      workers[spot].training = nil
      lastTrainedAt = now
      workers[spot].resultAttempts.insert(assignment.attempt)
      let cost = Cost(wallMilliseconds: now, cpuMilliseconds: Int64(random.below(1_000)), residentBytesPeak: 1)
      let result = FoldResult(measurement: workload.measurement(task), cost: cost)
      feed(.finished(assignment.taskAttempt, result), to: spot)
    }
  }

  private mutating func fail(_ assignment: Assignment, on spot: Int, _ kind: FailureReport.Kind) {
    workers[spot].training = nil
    failureCounts[assignment.task, default: 0] += 1
    feed(.failed(assignment.taskAttempt, FailureReport(kind: kind, message: "planned")), to: spot)
  }

  private mutating func beginFetch(_ spot: Int) {
    guard workers[spot].fetchingIn != workers[spot].generation else { return }
    workers[spot].fetchingIn = workers[spot].generation
    heap.push(.fetched(spot: spot, generation: workers[spot].generation), at: now + 200 + Int64(random.below(6_000)))
  }

  mutating func endFetch(_ spot: Int, _ generation: Int, _ event: Event) {
    guard generation == workers[spot].generation, workers[spot].machine != nil else { return }
    guard now >= workers[spot].pausedUntil else { return heap.push(event, at: workers[spot].pausedUntil) }
    probes.insert("fetched")
    workers[spot].holdsData = true
    feed(.holds(workload.dataset), to: spot)
  }

  mutating func stopTraining(_ spot: Int, _ attempt: Attempt) {
    guard let assignment = workers[spot].training, assignment.attempt == attempt else { return }
    workers[spot].training = nil
    // Its start does not count as waste: it was given back on purpose.
    startCounts[assignment.task, default: 0] -= 1
    feed(.stopped(assignment.taskAttempt), to: spot)
  }

  mutating func feed(_ event: WorkerMachine.Event, to spot: Int) {
    guard let directives = workers[spot].machine?.handle(event, at: Tick(milliseconds: now)) else { return }
    for directive in directives {
      if case .send(let message) = directive {
        log("w\(spot) sends \(message.body.name)")
      } else {
        log("w\(spot) \(directive)")
      }
      switch directive {
      case .send(let message): send(message, from: spot)
      case .train(let assignment): train(assignment, on: spot)
      case .cancel(let taskAttempt):
        heap.push(.trainingStops(spot: spot, taskAttempt.attempt), at: now + 50)
        probes.insert("cancel")
      case .writeBreadcrumb(let taskAttempt): workers[spot].breadcrumbs.append(taskAttempt)
      case .clearBreadcrumb(let taskAttempt): workers[spot].breadcrumbs.removeAll { $0 == taskAttempt }
      case .useBulk: break
      case .fetch: beginFetch(spot)
      case .remakeSocket: probes.insert("remakeSocket")
      case .exit(let code, _):
        probes.insert("exit.\(code)")
        endProcess(spot, isGone: isDrainSent)
      case .report(.recalled): probes.insert("recalled")
      case .report: break
      }
    }
  }

  private mutating func send(_ message: WorkerMessage, from spot: Int) {
    if bug == .workerDoesNotResend, case .result(let taskAttempt, _) = message.body {
      guard workers[spot].resultsSent.insert(taskAttempt.attempt).inserted else { return }
    }
    sendToCoordinator(message, from: spot)
  }

  private mutating func train(_ assignment: Assignment, on spot: Int) {
    checkTraining(assignment, spot)
    startCounts[assignment.task, default: 0] += 1
    workers[spot].training = assignment
    let length = workload.milliseconds(assignment.task) * workers[spot].slowness
    heap.push(.trainingEnds(spot: spot, assignment.attempt), at: now + length)
  }
}

extension WorkerMessage.Body {
  /// The message in a few words, for a history.
  var name: String {
    switch self {
    case .hello(let hello): "hello running \(hello.running) undelivered \(hello.undelivered) crashed \(hello.crashed)"
    case .heartbeat(let progress): "heartbeat \(progress.map(\.taskAttempt))"
    case .result(let taskAttempt, _): "result \(taskAttempt)"
    case .failed(let taskAttempt, let failure): "failed \(taskAttempt) \(failure.kind)"
    case .returned(let taskAttempt): "returned \(taskAttempt)"
    case .draining: "draining"
    case .goodbye: "goodbye"
    }
  }
}
