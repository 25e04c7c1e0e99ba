// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sockets

/// Ctrl-C and SIGTERM as notes to the session's loop, for as long as it lives.
final class Interrupts {
  private let sources: [any DispatchSourceSignal]

  init(mailbox: Mailbox<SweepSession.Note>) {
    // A pipe closed by its reader must not end a sweep.
    signal(SIGPIPE, SIG_IGN)
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { mailbox.post(.interrupt) }
      source.resume()
      return source
    }
  }

  func end() {
    for source in sources { source.cancel() }
  }
}
