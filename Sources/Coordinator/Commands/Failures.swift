// SPDX-License-Identifier: Apache-2.0

import Launching
import Reporting
import Search
import Sockets
import SweepPlans
import Tracking

/// Runs `body` and gives its errors the exit codes of docs/CommandLine.md.
func asCommand<Value>(_ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch let error as SweepPlanError {
    let isMissing = error.code == .fileMissing || error.code == .datasetMissing
    throw CommandFailure(isMissing ? .inputMissing : .badInput, error.description)
  } catch let error as TrackerError {
    throw CommandFailure(status(of: error.code), error.description)
  } catch let error as SocketError {
    throw CommandFailure(error.code == .addressInUse ? .tryAgain : .usage, error.description)
  } catch let error as LaunchError {
    throw CommandFailure(.inputMissing, error.description)
  } catch let error as SearchError {
    throw CommandFailure(.badInput, "\(error)")
  } catch let error as TrialBook.RestoreError {
    throw CommandFailure(.badInput, error.description)
  }
}

private func status(of code: TrackerError.Code) -> ExitStatus {
  switch code {
  case .missing: .inputMissing
  case .notATracker, .damaged, .schemaNewer, .specChanged, .networkFileSystem, .refused: .badInput
  case .locked, .busy, .unwritable: .tryAgain
  case .notFound: .nothingFound
  case .fenced, .disk, .failed: .failed
  }
}
