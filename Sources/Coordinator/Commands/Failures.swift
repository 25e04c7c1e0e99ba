// SPDX-License-Identifier: Apache-2.0

import Access
import Contents
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
    throw CommandFailure(status(of: error.code), error.description)
  } catch let error as AccessError {
    throw CommandFailure(status(of: error.code), error.description)
  } catch let error as LaunchError {
    throw CommandFailure(status(of: error.code), error.description)
  } catch let error as ContentError {
    throw CommandFailure(
      error.isFullDisk ? .tryAgain : .notPermitted, "artifacts: \(error)",
      help: "`track.artifacts` names a folder that the coordinator, as the user it runs as, can write")
  } catch let error as SearchError {
    throw CommandFailure(.badInput, "\(error)")
  } catch let error as TrialBook.RestoreError {
    throw CommandFailure(.badInput, error.description)
  }
}

private func status(of code: TrackerError.Code) -> ExitStatus {
  switch code {
  case .missing: .inputMissing
  case .notATracker, .damaged, .schemaNewer, .schemaOlder, .specChanged, .networkFileSystem, .refused: .badInput
  case .locked, .busy, .unwritable: .tryAgain
  case .notFound: .nothingFound
  case .fenced, .disk, .failed, .overLimit: .failed
  }
}

private func status(of code: SocketError.Code) -> ExitStatus {
  switch code {
  case .addressInUse: .tryAgain
  case .unfit: .notPermitted
  case .badEndpoint, .notLoopback, .failed: .usage
  }
}

private func status(of code: AccessError.Code) -> ExitStatus {
  switch code {
  case .missing: .inputMissing
  case .loose: .notPermitted
  case .malformed: .badInput
  case .unknownName: .nothingFound
  case .exists, .badName, .badExpiry: .usage
  case .failed: .failed
  }
}

private func status(of code: LaunchError.Code) -> ExitStatus {
  switch code {
  case .missing: .inputMissing
  case .badOrder: .usage
  case .unknown: .nothingFound
  case .failed: .failed
  }
}
