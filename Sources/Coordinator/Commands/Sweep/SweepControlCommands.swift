// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Hyperparameters
import Reporting
import Search
import Sockets
import SweepPlans
import Tracking

struct SweepEnqueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enqueue",
    abstract: "Add a trial by hand to a sweep that was begun.",
    discussion: """
      Examples:
        muster sweep enqueue configs/sweeps/demo.yaml model=booster leaves=63 learning_rate=0.02
        muster sweep enqueue configs/sweeps/demo.yaml --like 7 leaves=63
      What is left out has the space's fixed value, or the learner's default. It comes on top of the budget and is never pruned.
      A running coordinator takes it up within a second, else the next `muster sweep run` does.
      """)

  @OptionGroup var sweep: SweepFileOptions
  @OptionGroup var options: ConsoleOptions

  @Argument(help: ArgumentHelp("The trial's parameters.", valueName: "key=value"))
  var parameters: [String] = []

  @Option(help: ArgumentHelp("Begin with the parameters of this trial.", valueName: "trial"))
  var like: Int?

  func run() throws {
    let target = try ControlledSweep(sweep)
    var values: [(name: String, text: String)] = []
    if let like {
      let trial = try target.trial(like)
      values =
        [("model", jsonQuoted(trial.learner))]
        + trial.parameters.entries.map { ($0.name, $0.value.json) }
    }
    for parameter in parameters {
      let parts = parameter.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw CommandFailure(.usage, "\(parameter): expected key=value, as leaves=63")
      }
      values.removeAll { $0.name == parts[0] }
      values.append((parts[0], parts[1]))
    }
    guard !values.isEmpty else {
      throw CommandFailure(.usage, "expected parameters, as model=booster leaves=63, or --like")
    }
    let text = "{" + values.map { "\($0.name): \($0.text)" }.joined(separator: ", ") + "}"
    let trial = try asCommand { try target.plan.readTrial(text) }
    try target.hand(.enqueue, parameters: text)
    options.console.print("\(trial.json) \(target.fate)")
  }
}

struct SweepStopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stop a running sweep, or one trial of it.",
    discussion: """
      Examples:
        muster sweep stop configs/sweeps/demo.yaml            # running folds are finished; `muster sweep run` goes on
        muster sweep stop configs/sweeps/demo.yaml --trial 7  # ends trial 7 for good; its folds so far are kept
      """)

  @OptionGroup var sweep: SweepFileOptions
  @OptionGroup var options: ConsoleOptions

  @Option(help: ArgumentHelp("Stop this trial alone.", valueName: "trial"))
  var trial: Int?

  func run() throws {
    let target = try ControlledSweep(sweep)
    if let trial {
      let found = try target.trial(trial)
      guard found.state == "running" else {
        throw CommandFailure(
          .nothingFound, "trial #\(trial) of \(target.plan.name) has ended: \(found.state)")
      }
      try target.hand(.stopTrial, trial: trial)
      return options.console.print("stop of trial #\(trial) \(target.fate)")
    }
    guard target.isRunning else {
      throw CommandFailure(
        .nothingFound, "no coordinator writes \(target.plan.trackerPath): nothing to stop")
    }
    try target.hand(.stopSweep)
    options.console.print("stop of \(target.plan.name) \(target.fate)")
  }
}

struct SweepRetryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Try again what was given up in failed trials.",
    discussion: """
      Examples:
        muster sweep retry configs/sweeps/demo.yaml            # every failed trial
        muster sweep retry configs/sweeps/demo.yaml --trial 7
      A trial that succeeds counts from then on; what the sampler learnt of it stays. With a pruner, use enqueue --like.
      """)

  @OptionGroup var sweep: SweepFileOptions
  @OptionGroup var options: ConsoleOptions

  @Option(help: ArgumentHelp("This trial alone.", valueName: "trial"))
  var trial: Int?

  func run() throws {
    let target = try ControlledSweep(sweep)
    guard target.plan.pruner.kind == .none else {
      throw CommandFailure(
        .badInput,
        "trials of a sweep with a pruner were compared without the failed ones; add one anew: muster sweep enqueue --like"
      )
    }
    var failed = try target.trials().filter { $0.state == "failed" }.map(\.number)
    if let trial {
      let found = try target.trial(trial)
      guard found.state == "failed" else {
        throw CommandFailure(
          .nothingFound, "trial #\(trial) of \(target.plan.name) has not failed: \(found.state)")
      }
      failed = [trial]
    }
    guard !failed.isEmpty else {
      throw CommandFailure(.nothingFound, "no trial of \(target.plan.name) has failed")
    }
    for number in failed { try target.hand(.retryTrial, trial: number) }
    options.console.print(
      "retry of \(failed.map { "#\($0)" }.joined(separator: ", ")) \(target.fate)")
  }
}

/// A sweep that was begun, named by its file, and the way to it.
struct ControlledSweep {
  let plan: SweepPlan
  let isRunning: Bool
  private let reader: TrackerReader
  private let summary: SweepSummary

  init(_ options: SweepFileOptions) throws {
    let plan = try asCommand { try readSweepPlan(path: options.file, overrides: options.overrides) }
    self.plan = plan
    let reader = try asCommand { try TrackerReader(path: plan.trackerPath) }
    self.reader = reader
    summary = try asCommand { try reader.sweep(named: plan.name) }
    isRunning = trackerIsInUse(plan.trackerPath)
  }

  func trials() throws -> [TrialSummary] { try asCommand { try reader.trials(of: summary) } }

  func trial(_ number: Int) throws -> TrialSummary {
    let all = try trials()
    guard let trial = all.first(where: { $0.number == number }) else {
      throw CommandFailure(
        .nothingFound, "sweep \(plan.name) has no trial #\(number); it has \(all.count), from #0")
    }
    return trial
  }

  func hand(_ kind: SweepRequest.Kind, trial: Int? = nil, parameters: String? = nil) throws {
    let request = SweepRequest(
      sweep: plan.name, kind: kind, trial: trial, parameters: parameters,
      at: wallClockMilliseconds())
    try asCommand { try RequestBox(tracker: plan.trackerPath).put(request) }
  }

  var fate: String {
    isRunning
      ? "is handed to the running coordinator"
      : "waits in \(RequestBox(tracker: plan.trackerPath).folder) for the next muster sweep run"
  }
}
