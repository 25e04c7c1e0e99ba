// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// Shows, with the very socket that is about to serve, that a random key is refused and an allowed one is not. On a port of
/// loopback that is given up again before the real one is opened.
///
/// - Throws: `.unfit` when the random key gets in, or when within 5 s the handler was not asked or the allowed key did not
///   get in: then nothing shows that the test would have seen it.
func proveRefusal(_ socket: RawSocket, _ coordinator: PublicKey, _ handler: ZapHandler) throws(SocketError) {
  let endpoint = try socket.bind("tcp://127.0.0.1:*")
  let (stranger, witness) = (try KeyPair.random(), try KeyPair.random())
  handler.beginProbe(admitting: witness.publicKey, refusing: stranger.publicKey)
  defer { handler.endProbe() }
  let wake = try WakeSignal()
  let dealers = [
    try DealerSocket(
      handler.context, connecting: Endpoint(endpoint), security: .curve(stranger, coordinator: coordinator)),
    try DealerSocket(
      handler.context, connecting: Endpoint(endpoint), security: .curve(witness, coordinator: coordinator)),
  ]
  for dealer in dealers { _ = dealer.send([0]) }
  let deadline = monotonicMilliseconds() + 5_000
  var witnessGotIn = false
  while !(witnessGotIn && handler.strangerWasRefused) {
    guard monotonicMilliseconds() < deadline else {
      throw SocketError(
        code: .unfit, endpoint: endpoint,
        detail: witnessGotIn
          ? "the self-test's random key was not judged within 5 s" : "the self-test's allowed key was not let in in 5 s"
      )
    }
    waitFor(socket.pointer, wake, milliseconds: 50)
    while try socket.receiveFrame() != nil, let frame = try socket.receiveSignedFrame() {
      guard frame.userID == witness.publicKey.description else {
        throw SocketError(
          code: .unfit, endpoint: endpoint, detail: "the self-test's random key was let in: keys guard nothing")
      }
      witnessGotIn = true
    }
  }
  try socket.unbind(endpoint)
}

extension RawSocket {
  /// The endpoint as bound, a free port filled in.
  func bind(_ endpoint: String) throws(SocketError) -> String {
    guard zmq_bind(pointer, endpoint) == 0 else { throw SocketError.last(endpoint, doing: "binding") }
    var bound = [CChar](repeating: 0, count: 256)
    var count = bound.count
    guard zmq_getsockopt(pointer, ZMQ_LAST_ENDPOINT, &bound, &count) == 0 else {
      throw SocketError.last(endpoint, doing: "asking for the bound port")
    }
    return String(decoding: bound.prefix(max(count - 1, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func unbind(_ endpoint: String) throws(SocketError) {
    guard zmq_unbind(pointer, endpoint) == 0 else { throw SocketError.last(endpoint, doing: "unbinding") }
  }
}
