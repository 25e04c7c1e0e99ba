// SPDX-License-Identifier: Apache-2.0

import Sockets
import Testing

/// A coordinator's guarded socket whose list of allowed keys a test may change.
private struct Guarded {
  let context: MessageContext
  let router: RouterSocket
  let handler: ZapHandler
  let coordinator: KeyPair
  let allowed: Locked<Set<PublicKey>>
  let wake: WakeSignal

  init(allowing keys: [PublicKey] = []) throws {
    let allowed = Locked(Set(keys))
    context = try MessageContext()
    handler = try ZapHandler(context) { key, _ in allowed.withLock { $0.contains(key) } ? .allow : .refuse }
    coordinator = try KeyPair.random()
    router = try RouterSocket(
      context, binding: Endpoint("tcp://127.0.0.1:*"), security: .curve(coordinator, handler))
    wake = try WakeSignal()
    self.allowed = allowed
  }

  func dealer(_ security: DealerSecurity) throws -> DealerSocket {
    try DealerSocket(MessageContext(), connecting: Endpoint(router.endpoint), security: security)
  }

  /// Everything that arrives before a message of `witness`, whose key is allowed and which connects last.
  func arrivals(before witness: KeyPair) throws -> [RouterSocket.Arrival] {
    allowed.withLock { _ = $0.insert(witness.publicKey) }
    let last = try dealer(.curve(witness, coordinator: coordinator.publicKey))
    _ = last.send([42])
    var found: [RouterSocket.Arrival] = []
    while let arrival = try next(router, wake) {
      if arrival.key == witness.publicKey { return found }
      found.append(arrival)
    }
    Issue.record("the witness's message did not come")
    return found
  }
}

@Suite struct CurveTests {
  @Test func allowedKey_getsIn_andItsMessagesBearIt() throws {
    let worker = try KeyPair.random()
    let guarded = try Guarded(allowing: [worker.publicKey])
    let dealer = try guarded.dealer(.curve(worker, coordinator: guarded.coordinator.publicKey))
    #expect(dealer.send([1, 2, 3]))
    let arrival = try #require(try next(guarded.router, guarded.wake))
    #expect(arrival.key == worker.publicKey && arrival.payload == [1, 2, 3])
    #expect(try guarded.router.send([9], to: arrival.peer) == .queued)
    #expect(try next(dealer, guarded.wake) == [9])
  }

  /// In real life: a stranger, an old key, a worker that means another coordinator, one without keys. None is heard.
  @Test func strangers_areNotHeard() throws {
    let guarded = try Guarded()
    let (stranger, other) = (try KeyPair.random(), try KeyPair.random())
    let dealers = [
      try guarded.dealer(.curve(stranger, coordinator: guarded.coordinator.publicKey)),
      try guarded.dealer(.curve(stranger, coordinator: other.publicKey)),
      try guarded.dealer(.plain),
    ]
    for dealer in dealers { _ = dealer.send([1]) }
    let before = try guarded.arrivals(before: KeyPair.random())
    #expect(before.isEmpty)
    let refused = guarded.handler.takeRefusals()
    #expect(refused.first.map(\.key) == [stranger.publicKey] && refused.count >= 1)
    #expect(refused.first.first?.address == "127.0.0.1")
  }

  /// In real life: the worker starts before its key is listed. A refusal for good ("400") would leave it silent for ever.
  @Test func keyAllowedLater_getsInWithTheSameSocket() throws {
    let worker = try KeyPair.random()
    let guarded = try Guarded()
    let dealer = try guarded.dealer(.curve(worker, coordinator: guarded.coordinator.publicKey))
    #expect(dealer.send([7]))
    for _ in 0..<200 where guarded.handler.takeRefusals().count == 0 {
      guarded.router.wait(orFor: guarded.wake, milliseconds: 20)
    }
    guarded.allowed.withLock { _ = $0.insert(worker.publicKey) }
    #expect(try next(guarded.router, guarded.wake)?.payload == [7])
  }

  /// Goal: a coordinator whose guard lets everyone in does not start. Method: a handler that does.
  @Test func selfTest_findsAGuardThatLetsEveryoneIn() throws {
    let context = try MessageContext()
    let handler = try ZapHandler(context) { _, _ in .allow }
    #expect {
      try RouterSocket(
        context, binding: Endpoint("tcp://127.0.0.1:*"), security: .curve(KeyPair.random(), handler))
    } throws: {
      ($0 as? SocketError)?.code == .unfit && "\($0)".contains("random key was let in")
    }
  }

  /// A handler of another context is asked by nobody: libzmq would let every key in.
  @Test func handlerOfAnotherContext_isRefused() throws {
    let handler = try ZapHandler(MessageContext()) { _, _ in .refuse }
    #expect {
      try RouterSocket(
        MessageContext(), binding: Endpoint("tcp://127.0.0.1:*"), security: .curve(KeyPair.random(), handler))
    } throws: {
      ($0 as? SocketError)?.code == .unfit
    }
  }

  /// In real life: the handler dies. From then on nobody gets in, where libzmq's default is everybody.
  @Test func handlerThatIsGone_letsNobodyIn() throws {
    let (context, coordinator, worker) = (try MessageContext(), try KeyPair.random(), try KeyPair.random())
    let wake = try WakeSignal()
    var handler: ZapHandler? = try ZapHandler(context) { key, _ in key == worker.publicKey ? .allow : .refuse }
    let router: RouterSocket
    do {
      router = try RouterSocket(
        context, binding: Endpoint("tcp://127.0.0.1:*"), security: .curve(coordinator, try #require(handler)))
    }
    withExtendedLifetime(handler) {}
    let first = try DealerSocket(
      MessageContext(), connecting: Endpoint(router.endpoint),
      security: .curve(worker, coordinator: coordinator.publicKey))
    _ = first.send([1])
    #expect(try next(router, wake)?.payload == [1])
    handler?.stop()
    handler = nil
    let second = try DealerSocket(
      MessageContext(), connecting: Endpoint(router.endpoint),
      security: .curve(worker, coordinator: coordinator.publicKey))
    _ = second.send([2])
    // The first connection is open still and proves that the socket works.
    for _ in 0..<10 {
      _ = first.send([3])
      #expect(try next(router, wake)?.payload == [3])
      router.wait(orFor: wake, milliseconds: 50)
    }
  }

  /// libzmq 4.3 has no call that ends one peer's connection.
  @Test func connection_cut_isGone_andTheOtherStays() throws {
    let (one, two) = (try KeyPair.random(), try KeyPair.random())
    let guarded = try Guarded(allowing: [one.publicKey, two.publicKey])
    let dealers = try [one, two].map { try guarded.dealer(.curve($0, coordinator: guarded.coordinator.publicKey)) }
    for dealer in dealers { _ = dealer.send([1]) }
    var peers: [PublicKey: RouterSocket.Arrival] = [:]
    while peers.count < 2, let arrival = try next(guarded.router, guarded.wake) {
      peers[try #require(arrival.key)] = arrival
    }
    let victim = try #require(peers[one.publicKey])
    guarded.allowed.withLock { _ = $0.remove(one.publicKey) }
    try #require(victim.descriptor.flatMap { Connection(descriptor: $0) }).cut()
    var delivery = RouterSocket.Delivery.queued
    for _ in 0..<200 where delivery == .queued {
      guarded.router.wait(orFor: guarded.wake, milliseconds: 20)
      delivery = try guarded.router.send([5], to: victim.peer)
    }
    #expect(delivery == .unreachable)
    #expect(try guarded.router.send([6], to: try #require(peers[two.publicKey]).peer) == .queued)
    #expect(try next(dealers[1], guarded.wake) == [6])
  }

  /// I11, in real life: a worker is stopped in a debugger. Its queue fills up; nothing blocks and nobody else suffers.
  @Test func peerThatNeverReads_isFound() throws {
    let context = try MessageContext()
    let wake = try WakeSignal()
    let router = try RouterSocket(context, binding: Endpoint("tcp://127.0.0.1:*"))
    let dealer = try DealerSocket(MessageContext(), connecting: Endpoint(router.endpoint), queuedMax: 1)
    _ = dealer.send([1])
    let peer = try #require(try next(router, wake)).peer
    let payload = [UInt8](repeating: 0, count: 100_000)
    var delivery = RouterSocket.Delivery.queued
    for _ in 0..<5_000 where delivery == .queued { delivery = try router.send(payload, to: peer) }
    #expect(delivery == .full)
    withExtendedLifetime(dealer) {}
  }
}

@Suite struct KeyTests {
  @Test func publicKey_readsWhatItWrites_andNothingElse() throws {
    let key = try KeyPair.random().publicKey
    #expect(PublicKey(hex: key.description) == key)
    #expect(PublicKey(hex: key.description.uppercased()) == key)
    for text in [
      "", "00", String(key.description.dropLast()), key.description + "0", "g" + key.description.dropFirst(),
    ] {
      #expect(PublicKey(hex: text) == nil)
    }
  }

  /// A pair that OpenSSL made: `openssl genpkey -algorithm X25519`, and `openssl pkey -pubout` for its public half.
  @Test func publicHalf_isWhatOpenSSLComputes() throws {
    let secret = try #require(
      SecretKey(hex: "20b597a256aa56c1edab8198c5497aa0a907ffd70b2c628e8372c3f088969b55"))
    #expect(
      try KeyPair(secretKey: secret).publicKey.description
        == "fc18774dacd1973e22310ca09c199c0f68b835682410793d8c69d9c0b1c8b472")
  }

  @Test func secretKey_neverShowsItself() throws {
    let pair = try KeyPair.random()
    var dumped = ""
    dump(pair, to: &dumped)
    for text in ["\(pair)", "\(pair.secretKey)", String(reflecting: pair.secretKey), dumped] {
      #expect(!text.contains(pair.secretKey.hex) && text.contains("(secret key)"))
    }
  }
}
