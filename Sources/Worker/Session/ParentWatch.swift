// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads standard input until it ends. The launcher holds its other end, so the end means that the launcher is gone.
func watchParent(_ parentIsGone: @escaping @Sendable () -> Void) {
  let thread = Thread {
    var byte: UInt8 = 0
    while true {
      let count = read(0, &byte, 1)
      if count == 0 || (count < 0 && errno != EINTR) { break }
    }
    parentIsGone()
  }
  thread.name = "parent watch"
  thread.start()
}
