// SPDX-License-Identifier: Apache-2.0

import Sockets

/// The next message, or `nil` after ten seconds: a broken socket fails a test instead of hanging it.
func next(_ router: RouterSocket, _ wake: WakeSignal) throws -> RouterSocket.Arrival? {
  for _ in 0..<200 {
    if let arrival = try router.receive() { return arrival }
    router.wait(orFor: wake, milliseconds: 50)
  }
  return nil
}

func next(_ dealer: DealerSocket, _ wake: WakeSignal) throws -> [UInt8]? {
  for _ in 0..<200 {
    if let payload = try dealer.receive() { return payload }
    dealer.wait(orFor: wake, milliseconds: 50)
  }
  return nil
}
