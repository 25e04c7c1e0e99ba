// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sockets

/// Ctrl-C, SIGTERM and SIGHUP as notes to the session's loop, for as long as it lives.
final class Interrupts {
  private let sources: [any DispatchSourceSignal]

  /// - Parameter readsKeys: SIGHUP then means that the allow-list is to be read again; else it ends the process, as ever.
  init(mailbox: Mailbox<SweepSession.Note>, readsKeys: Bool) {
    // A pipe closed by its reader must not end a sweep.
    signal(SIGPIPE, SIG_IGN)
    sources = ([SIGINT, SIGTERM] + (readsKeys ? [SIGHUP] : [])).map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { mailbox.post(number == SIGHUP ? .readKeys : .interrupt) }
      source.resume()
      return source
    }
  }

  func end() {
    for source in sources { source.cancel() }
  }
}
