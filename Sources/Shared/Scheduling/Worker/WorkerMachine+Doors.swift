// SPDX-License-Identifier: Apache-2.0

package import Sweeps

extension WorkerMachine {
  package enum Event: Hashable, Sendable {
    case start
    case message(CoordinatorMessage)
    /// Time passed. Expected at least every quarter of a second; no heartbeat goes out without it.
    case tick
    case finished(TaskAttempt, FoldResult)
    case failed(TaskAttempt, FailureReport)
    /// The trainer has obeyed a cancel, or the shell has stopped it in a drain.
    case stopped(TaskAttempt)
    case progress(TaskProgress)
    /// The operator or the job manager wants this process to end (SIGTERM, SIGINT).
    case drain
    /// A data set was fetched, or found where fetched ones are kept: it can be opened.
    case holds(ContentDigest)
  }

  /// What the shell must do, in order.
  package enum Directive: Hashable, Sendable {
    case send(WorkerMessage)
    /// Train this; exactly one `finished`, `failed` or `stopped` answers it. Never given while another one runs.
    case train(Assignment)
    /// Stop training this as soon as the trainer can.
    case cancel(TaskAttempt)
    /// Durably, before the training that follows: should this process die in it, the next one on this spot reports it.
    case writeBreadcrumb(TaskAttempt)
    case clearBreadcrumb(TaskAttempt)
    /// Where the coordinator's bulk socket is, on its host; 0: nowhere.
    case useBulk(port: Int)
    /// There is work on these: fetch them, and tell with `holds`. Given again while the coordinator waits.
    case fetch([ContentDigest])
    /// Close the socket and connect with a new one; what the old one held is lost.
    case remakeSocket
    /// The last directive ever.
    case exit(code: Int32, message: String)
    case report(Notice)
  }

  /// For logs; nothing depends on one.
  package enum Notice: Hashable, Sendable {
    case welcomed(epoch: Int64)
    case helloAsked
    case silence(milliseconds: Int64)
    case acknowledged(TaskAttempt, CoordinatorMessage.Verdict)
    case cancelled(TaskAttempt)
    /// Given back before it began, for a worker without work.
    case recalled(TaskAttempt)
    case draining
    /// A message for the process before this one, or from a coordinator before this one's.
    case messageStale(epoch: Int64, recipient: Incarnation)
  }

  package enum ExitCode {
    /// All that was held is delivered.
    package static let done: Int32 = 0
    /// Work was given back or could not be delivered: start again elsewhere or later (EX_TEMPFAIL).
    package static let workLeft: Int32 = 75
    /// The coordinator refused this worker; another try would be refused too (EX_CONFIG).
    package static let rejected: Int32 = 78
  }
}
