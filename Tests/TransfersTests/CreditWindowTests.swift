// SPDX-License-Identifier: Apache-2.0

import Sweeps
import Testing
import Transfers

@Suite struct CreditWindowTests {
  /// A line of a speed and a length: a chunk takes its turn behind those before it. Returns the share of the line that was
  /// used and the longest wait in its queue, milliseconds, over the second half.
  private func drive(bytesPerMillisecond: Double, lengthMilliseconds: Double) -> (share: Double, queue: Double) {
    var window = CreditWindow()
    var (now, lineFree, onTheWay) = (0.0, 0.0, 0)
    var flights: [(sent: Double, arrives: Double)] = []
    var (carried, worst) = (0, 0.0)
    while now < 20_000 {
      while onTheWay + TransferLimit.chunkBytes <= window.byteCount {
        let begins = max(now + lengthMilliseconds / 2, lineFree)
        if now > 10_000 { worst = max(worst, begins - (now + lengthMilliseconds / 2)) }
        lineFree = begins + Double(TransferLimit.chunkBytes) / bytesPerMillisecond
        flights.append((now, lineFree + lengthMilliseconds / 2))
        onTheWay += TransferLimit.chunkBytes
      }
      let next = flights.removeFirst()
      now = next.arrives
      onTheWay -= TransferLimit.chunkBytes
      if now > 10_000 { carried += TransferLimit.chunkBytes }
      window.arrived(afterMilliseconds: Int64(now - next.sent), at: Int64(now))
    }
    return (Double(carried) / (10_000 * bytesPerMillisecond), worst)
  }

  /// Goal: the line is full, and a heartbeat behind a chunk in it does not wait long. Method: 1 Gbit/s near and far, 100 Mbit/s.
  @Test(arguments: [(125_000.0, 0.2), (125_000.0, 20.0), (12_500.0, 1.0)])
  func line_isFull_andItsQueueIsShort(bytesPerMillisecond: Double, length: Double) {
    let (share, queue) = drive(bytesPerMillisecond: bytesPerMillisecond, lengthMilliseconds: length)
    #expect(share > 0.95)
    // The smallest window is two chunks, whatever the line.
    #expect(queue < max(40, 2.5 * Double(TransferLimit.chunkBytes) / bytesPerMillisecond), "\(queue) ms")
  }

  @Test func window_staysWithinItsBounds() {
    var window = CreditWindow()
    for step in 0..<1_000 { window.arrived(afterMilliseconds: 1, at: Int64(step)) }
    #expect(window.byteCount == TransferLimit.windowBytesMax)
    for _ in 0..<100 { window.lost() }
    #expect(window.byteCount == TransferLimit.windowBytesMin)
    for step in 0..<1_000 { window.arrived(afterMilliseconds: Int64(step), at: Int64(1_000 + step)) }
    #expect(window.byteCount == TransferLimit.windowBytesMin)
  }
}
