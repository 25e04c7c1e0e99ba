// SPDX-License-Identifier: Apache-2.0

import Boosters
import Evaluation
import Hyperparameters
import LinearModels
import RecurrentNets
import Shards
package import Sweeps

/// Why a task gave no result.
package struct TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is told to the coordinator; `nil` when training stopped because it was told to.
  package let failureReport: FailureReport?

  package static let cancelled = TrainingError(failureReport: nil)

  package static func failed(_ kind: FailureReport.Kind, _ message: String) -> TrainingError {
    TrainingError(failureReport: FailureReport(kind: kind, message: message))
  }

  package var description: String {
    failureReport.map { "\($0.kind.rawValue): \($0.message)" } ?? "cancelled"
  }

  static func wrapping(_ error: any Error) -> TrainingError {
    switch error {
    case let error as TrainingError: error
    case let error as BoosterError where error.code == .cancelled: .cancelled
    case let error as LinearModelError where error.code == .cancelled: .cancelled
    case let error as RecurrentNetError where error.code == .cancelled: .cancelled
    case let error as RecurrentNetError where error.code == .diverged: .failed(.diverged, "\(error)")
    case let error as RecurrentNetError where error.code == .tooLarge: .failed(.resources, "\(error)")
    case let error as LinearModelError where error.code == .tooLarge: .failed(.resources, "\(error)")
    case is BoosterError, is LinearModelError, is RecurrentNetError, is FoldError, is ParameterError:
      .failed(.invalidTask, "\(error)")
    case let error as ShardError where error.code == .resources: .failed(.resources, "\(error)")
    case is ShardError: .failed(.dataset, "\(error)")
    default: .failed(.other, "\(error)")
    }
  }
}

func training<Value>(_ body: () throws -> Value) throws(TrainingError) -> Value {
  do { return try body() } catch { throw TrainingError.wrapping(error) }
}
