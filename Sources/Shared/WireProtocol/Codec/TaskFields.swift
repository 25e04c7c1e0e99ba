// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Sweeps
import SwiftProtobuf

extension Muster_V1_TaskAttempt {
  init(_ value: TaskAttempt) {
    task.sweep = value.task.sweep.value
    task.trial = Int64(value.task.trial)
    task.fold = Int64(value.task.fold)
    task.rung = Int64(value.task.rung)
    epoch = value.attempt.epoch
    number = value.attempt.number
  }

  func value() throws(WireError) -> TaskAttempt {
    TaskAttempt(
      task: TrialTask(
        sweep: SweepID(try notNegative(task.sweep, "sweep")), trial: try count(task.trial, "trial"),
        fold: try count(task.fold, "fold", max: WireLimit.folds * WireLimit.repeats - 1),
        rung: try count(task.rung, "rung", max: WireLimit.rungs)),
      attempt: Attempt(
        epoch: try integer(epoch, "attempt epoch", in: 1...Int64.max),
        number: try integer(number, "attempt number", in: 1...Int64.max)))
  }
}

func attempts(_ values: [Muster_V1_TaskAttempt], _ field: String) throws(WireError) -> [TaskAttempt] {
  try list(values, field, max: WireLimit.attempts) { (value) throws(WireError) in try value.value() }
}

extension Muster_V1_Assign {
  init(_ assignment: Assignment) {
    let order = assignment.order
    taskAttempt = Muster_V1_TaskAttempt(assignment.taskAttempt)
    learner =
      switch order.learner {
      case .booster: .booster
      case .lstm: .lstm
      case .linear: .linear
      }
    parameters = order.parameters.entries.map { Muster_V1_Parameter($0) }
    dataset = bytes(order.dataset)
    outcome =
      switch order.outcome {
      case .readmission30d: .readmission30D
      case .icuMortality: .icuMortality
      case .lengthOfStay: .lengthOfStay
      case .inHospitalMortality: .inHospitalMortality
      case .hospitalLengthOfStay: .hospitalLengthOfStay
      case .lengthOfStayClass: .lengthOfStayClass
      case .decompensation: .decompensation
      case .remainingLengthOfStay: .remainingLengthOfStay
      case .phenotype: .phenotype
      case .readmission7d: .readmission7D
      case .readmission60d: .readmission60D
      case .readmission90d: .readmission90D
      }
    folds = Muster_V1_FoldPlan(order.folds)
    seed = order.seed
    if let rule = assignment.stepRule { stepRule = Muster_V1_StepRule(rule) }
  }

  func value() throws(WireError) -> Assignment {
    let taskAttempt = try taskAttempt.value()
    let folds = try folds.value()
    guard taskAttempt.task.fold < folds.taskCount else {
      throw .outOfRange(field: "fold", expected: "a fold of the plan")
    }
    let order = TrialOrder(
      sweep: taskAttempt.task.sweep, trial: taskAttempt.task.trial, learner: try learner.value(),
      parameters: try readParameters(), dataset: try digest(dataset, "dataset"), outcome: try outcome.value(),
      folds: folds, seed: seed)
    return Assignment(
      order: order, fold: taskAttempt.task.fold, rung: taskAttempt.task.rung, attempt: taskAttempt.attempt,
      stepRule: hasStepRule ? try stepRule.value() : nil)
  }

  private func readParameters() throws(WireError) -> Parameters {
    let entries = try list(parameters, "parameters", max: WireLimit.parameters) { (item) throws(WireError) in
      try item.entry()
    }
    guard zip(entries, entries.dropFirst()).allSatisfy({ $0.name < $1.name }) else {
      throw .outOfRange(field: "parameters", expected: "ascending names, each once")
    }
    return Parameters(entries)
  }
}

extension Muster_V1_Assign.Learner {
  fileprivate func value() throws(WireError) -> Learner {
    switch self {
    case .booster: return .booster
    case .lstm: return .lstm
    case .linear: return .linear
    case .unspecified, .UNRECOGNIZED: throw .outOfRange(field: "learner", expected: "a learner that this version has")
    }
  }
}

extension Muster_V1_Assign.Outcome {
  fileprivate func value() throws(WireError) -> Outcome {
    switch self {
    case .readmission30D: return .readmission30d
    case .icuMortality: return .icuMortality
    case .lengthOfStay: return .lengthOfStay
    case .inHospitalMortality: return .inHospitalMortality
    case .hospitalLengthOfStay: return .hospitalLengthOfStay
    case .lengthOfStayClass: return .lengthOfStayClass
    case .decompensation: return .decompensation
    case .remainingLengthOfStay: return .remainingLengthOfStay
    case .phenotype: return .phenotype
    case .readmission7D: return .readmission7d
    case .readmission60D: return .readmission60d
    case .readmission90D: return .readmission90d
    case .unspecified, .UNRECOGNIZED: throw .outOfRange(field: "outcome", expected: "an outcome that this version has")
    }
  }
}

extension Muster_V1_Parameter {
  fileprivate init(_ entry: Parameters.Entry) {
    name = entry.name
    value =
      switch entry.value {
      case .integer(let value): .integer(value)
      case .real(let value): .real(value)
      case .text(let value): .text(value)
      case .flag(let value): .flag(value)
      }
  }

  fileprivate func entry() throws(WireError) -> Parameters.Entry {
    let name = try WireProtocol.name(name, "parameter name")
    switch value {
    case .integer(let value): return Parameters.Entry(name: name, value: .integer(value))
    case .real(let value):
      guard value.isFinite else { throw .outOfRange(field: "parameter", expected: "a finite number") }
      return Parameters.Entry(name: name, value: .real(value))
    case .text(let value): return Parameters.Entry(name: name, value: .text(try WireProtocol.text(value, "parameter")))
    case .flag(let value): return Parameters.Entry(name: name, value: .flag(value))
    case nil: throw .malformed("a parameter without a value that this version knows")
    }
  }
}

extension Muster_V1_FoldPlan {
  fileprivate init(_ plan: FoldPlan) {
    scheme =
      switch plan.scheme {
      case .stratifiedGrouped: .stratifiedGrouped
      case .grouped: .grouped
      }
    foldCount = Int64(plan.foldCount)
    repeatCount = Int64(plan.repeatCount)
    seed = plan.seed
    if let testSet = plan.testSet {
      testPartCount = Int64(testSet.partCount)
      testFirst = Int64(testSet.first)
      testCount = Int64(testSet.count)
      testSeed = testSet.seed
    }
    isFinal = plan.isFinal
  }

  private func testSet() throws(WireError) -> FoldPlan.TestSet? {
    guard testPartCount != 0 else { return nil }
    let parts = try count(testPartCount, "test_part_count", min: 2, max: WireLimit.folds)
    let taken = try count(testCount, "test_count", min: 1, max: parts - 1)
    let first = try count(testFirst, "test_first", max: parts - taken)
    return FoldPlan.TestSet(partCount: parts, first: first, count: taken, seed: testSeed)
  }

  fileprivate func value() throws(WireError) -> FoldPlan {
    let scheme: FoldPlan.Scheme
    switch self.scheme {
    case .stratifiedGrouped: scheme = .stratifiedGrouped
    case .grouped: scheme = .grouped
    case .unspecified, .UNRECOGNIZED: throw .outOfRange(field: "scheme", expected: "a scheme that this version has")
    }
    return FoldPlan(
      scheme: scheme, foldCount: try count(foldCount, "fold_count", min: 2, max: WireLimit.folds),
      repeatCount: try count(repeatCount, "repeat_count", min: 1, max: WireLimit.repeats), seed: seed,
      testSet: try testSet(), isFinal: isFinal)
  }
}
