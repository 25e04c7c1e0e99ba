// SPDX-License-Identifier: Apache-2.0

import Sockets
import Testing

@Suite struct EndpointTests {
  @Test(arguments: ["tcp://127.0.0.1:5555", "tcp://127.0.0.1:*", "tcp://localhost:1", "tcp://[::1]:65535"])
  func endpoint_onLoopback_isAccepted(text: String) throws {
    #expect(try Endpoint(text).description == text)
  }

  @Test(arguments: [
    "", "tcp://", "tcp://:", "127.0.0.1:5555", "tcp://127.0.0.1", "tcp://127.0.0.1:x", "tcp://127.0.0.1:70000",
  ])
  func endpoint_malformed_saysWhatIsExpected(text: String) {
    #expect { try Endpoint(text) } throws: { ($0 as? SocketError)?.code == .badEndpoint }
  }

  @Test(arguments: ["tcp://0.0.0.0:1", "tcp://*:1", "tcp://10.0.0.1:1", "tcp://127.evil.example:1", "tcp://[::]:1"])
  func endpoint_beyondLoopback_isKnownAsSuch(text: String) throws {
    #expect(try !Endpoint(text).isLoopback)
    #expect(try Endpoint("tcp://127.0.0.1:1").isLoopback)
  }

  @Test(arguments: [
    ("tcp://0.0.0.0:7", "tcp://127.0.0.1:7"), ("tcp://*:7", "tcp://127.0.0.1:7"), ("tcp://[::]:7", "tcp://[::1]:7"),
    ("tcp://10.0.0.1:7", "tcp://10.0.0.1:7"),
  ])
  func endpoint_onThisMachine_isWhereALocalWorkerConnects(bound: String, local: String) throws {
    #expect(try Endpoint(bound).onThisMachine().description == local)
  }

  /// In real life: someone binds to all interfaces and forgets the keys. Refused, not warned about.
  @Test(arguments: ["tcp://0.0.0.0:*", "tcp://*:*", "tcp://10.0.0.1:1", "tcp://node:1"])
  func plainSocket_beyondLoopback_isRefused(text: String) throws {
    let context = try MessageContext()
    #expect {
      try RouterSocket(context, binding: Endpoint(text))
    } throws: {
      ($0 as? SocketError)?.code == .notLoopback && "\($0)".contains("--keys")
    }
    #expect {
      try DealerSocket(context, connecting: Endpoint(text))
    } throws: {
      ($0 as? SocketError)?.code == .notLoopback && "\($0)".contains("--key-file")
    }
  }
}

@Suite struct SocketTests {
  @Test func message_goesThereAndBack() throws {
    let context = try MessageContext()
    let wake = try WakeSignal()
    let router = try RouterSocket(context, binding: Endpoint("tcp://127.0.0.1:*"))
    let dealer = try DealerSocket(context, connecting: Endpoint(router.endpoint))
    #expect(dealer.send([1, 2, 3]))
    let received = try #require(try next(router, wake))
    #expect(received.payload == [1, 2, 3])
    #expect(try router.send([], to: received.peer) == .queued)
    #expect(try next(dealer, wake) == [])
    // No key and no handler here: the message is nobody's.
    #expect(received.key == nil)
  }

  @Test func send_toUnknownPeer_isUnreachable() throws {
    let context = try MessageContext()
    let router = try RouterSocket(context, binding: Endpoint("tcp://127.0.0.1:*"))
    #expect(try router.send([1], to: PeerAddress(bytes: [9, 9, 9])) == .unreachable)
  }

  /// In real life: a second coordinator is started on the same port.
  @Test func bind_toTakenPort_namesTheWayOut() throws {
    let context = try MessageContext()
    let first = try RouterSocket(context, binding: Endpoint("tcp://127.0.0.1:*"))
    #expect { try RouterSocket(context, binding: Endpoint(first.endpoint)) } throws: { error in
      (error as? SocketError)?.code == .addressInUse && "\(error)".contains("--bind")
    }
  }

  @Test func mailbox_keepsOrder_overThreads() async throws {
    let mailbox = try Mailbox<Int>()
    await withTaskGroup(of: Void.self) { group in
      for lane in 0..<4 {
        group.addTask { for item in 0..<250 { mailbox.post(lane * 1_000 + item) } }
      }
    }
    let drained = mailbox.drain()
    #expect(drained.count == 1_000)
    for lane in 0..<4 {
      let own = drained.filter { $0 / 1_000 == lane }
      #expect(own == own.sorted())
    }
    #expect(mailbox.drain().isEmpty)
  }
}
