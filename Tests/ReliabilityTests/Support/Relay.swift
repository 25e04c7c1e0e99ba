// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A TCP relay on the loopback that misbehaves when told to: it stands for the network between workers and coordinator.
///
/// `@unchecked`: `state` is touched only while the lock is held; each connection has two threads of its own.
final class Relay: @unchecked Sendable {
  struct State {
    var delayMilliseconds = 0
    /// Connections stay, nothing passes.
    var isStalled = false
    /// Each direction of a connection is reset after so many bytes.
    var cutAfter: Int?
    /// This bit of each direction of a connection is turned.
    var flippedBit: Int?
    var connections: Set<Int32> = []
    var isOver = false
  }

  let port: UInt16
  private let target: UInt16
  private let listener: Int32
  private let lock = NSLock()
  private var state = State()
  private(set) var faultCount = 0

  init(to target: UInt16) throws {
    self.target = target
    port = try freePort()
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var one: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    guard Self.withLoopback(port, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
      throw POSIXError(.EADDRINUSE)
    }
    Thread { [self] in accept() }.start()
  }

  var endpoint: String { "tcp://127.0.0.1:\(port)" }

  func set(_ change: (inout State) -> Void) {
    lock.lock()
    change(&state)
    faultCount += 1
    lock.unlock()
  }

  /// Resets every connection that is open now (RST, not FIN).
  func resetAll() {
    set { state in
      for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  func end() {
    set { $0.isOver = true }
    resetAll()
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private var now: State {
    lock.lock()
    defer { lock.unlock() }
    return state
  }

  private func accept() {
    while !now.isOver {
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { return }
      let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard Self.withLoopback(target, { connect(server, $0, $1) }) == 0 else {
        reset(client)
        close(server)
        continue
      }
      enter(client)
      enter(server)
      let remaining = Countdown()
      for (from, to) in [(client, server), (server, client)] {
        Thread { [self] in
          pump(from, to)
          shutdown(from, Int32(SHUT_RDWR))
          shutdown(to, Int32(SHUT_RDWR))
          if remaining.isLast {
            for descriptor in [client, server] {
              leave(descriptor)
              reset(descriptor)
            }
          }
        }.start()
      }
    }
  }

  private final class Countdown: @unchecked Sendable {
    // `@unchecked`: counted only while the lock is held.
    private let lock = NSLock()
    private var count = 2
    var isLast: Bool {
      lock.lock()
      defer { lock.unlock() }
      count -= 1
      return count == 0
    }
  }

  private func pump(_ from: Int32, _ to: Int32) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var passed = 0
    while true {
      let count = recv(from, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      var plan = now
      if plan.delayMilliseconds > 0 {
        Thread.sleep(forTimeInterval: Double(plan.delayMilliseconds) / 1_000)
      }
      while plan.isStalled, !plan.isOver {
        Thread.sleep(forTimeInterval: 0.02)
        plan = now
      }
      if let bit = plan.flippedBit, bit / 8 >= passed, bit / 8 < passed + count {
        buffer[bit / 8 - passed] ^= 1 << UInt8(bit % 8)
      }
      var allowed = count
      if let limit = plan.cutAfter { allowed = max(0, min(count, limit - passed)) }
      var sent = 0
      while sent < allowed {
        let more = buffer.withUnsafeBytes {
          send(to, $0.baseAddress! + sent, allowed - sent, Int32(MSG_NOSIGNAL))
        }
        guard more > 0 else { return }
        sent += more
      }
      passed += count
      if allowed < count { return }
    }
  }

  private func enter(_ descriptor: Int32) { lock.withLock { _ = state.connections.insert(descriptor) } }
  private func leave(_ descriptor: Int32) { lock.withLock { _ = state.connections.remove(descriptor) } }

  private func reset(_ descriptor: Int32) {
    var immediate = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &immediate, socklen_t(MemoryLayout<linger>.size))
    close(descriptor)
  }

  private static func withLoopback(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
