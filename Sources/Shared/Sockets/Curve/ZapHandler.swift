// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Answers libzmq's question whether a key may connect (ZAP, RFC 27), on a thread of its own.
///
/// It is asked once a connection, so an answer does not outlive a change of mind: whoever lets a key in must go on
/// looking at the key of each message.
package final class ZapHandler: Sendable {
  package enum Answer: Hashable, Sendable {
    case allow
    /// Refused for now. The peer's libzmq tries again, and gets in once the key is allowed: a permanent refusal ("400")
    /// would leave it silent for ever.
    case refuse
  }

  /// A key that was refused, and the address it came from.
  package struct Refusal: Hashable, Sendable {
    package let key: PublicKey
    package let address: String
  }

  /// What is kept of the refusals until someone looks; more are only counted.
  private static let refusalsKept = 64

  private struct State {
    var refusals: [Refusal] = []
    var refusalCount = 0
    /// While the self-test runs: the one key let in, and the one whose refusal is waited for.
    var probe: (admitted: PublicKey, stranger: PublicKey)?
    var strangerWasRefused = false
  }

  private let state = Locked(State())
  private let wake: WakeSignal
  let context: MessageContext
  private let decide: @Sendable (PublicKey, String) -> Answer

  /// Binds before it returns, so that no connection of this context goes unasked.
  ///
  /// - Parameter decide: called on the handler's thread with the key and the peer's address.
  package init(
    _ context: MessageContext, decide: @escaping @Sendable (PublicKey, String) -> Answer
  ) throws(SocketError) {
    self.context = context
    self.decide = decide
    wake = try WakeSignal()
    let endpoint = "inproc://zeromq.zap.01"
    let socket = try RawSocket(context, type: ZMQ_REP, endpoint: endpoint, lingerMilliseconds: 0)
    guard zmq_bind(socket.pointer, endpoint) == 0 else { throw SocketError.last(endpoint, doing: "binding") }
    let loop = Loop(socket: socket, wake: wake) { [weak self] frames in self?.answer(frames) }
    try startThread { loop.run() }
  }

  deinit { stop() }

  /// Answers no more: from then on nobody gets in.
  package func stop() { wake.signal() }

  /// The refusals since the last call, at most 64 of them, and how many there were.
  package func takeRefusals() -> (first: [Refusal], count: Int) {
    state.withLock { state in
      defer { (state.refusals, state.refusalCount) = ([], 0) }
      return (state.refusals, state.refusalCount)
    }
  }

  func beginProbe(admitting admitted: PublicKey, refusing stranger: PublicKey) {
    state.withLock {
      $0.probe = (admitted, stranger)
      $0.strangerWasRefused = false
    }
  }

  func endProbe() { state.withLock { $0.probe = nil } }
  var strangerWasRefused: Bool { state.withLock { $0.strangerWasRefused } }

  /// The frames of the reply; `nil` for what is no request.
  private func answer(_ request: [[UInt8]]) -> [[UInt8]]? {
    guard request.count >= 2 else { return nil }
    var (status, text, user) = ("400", "no CURVE key", "")
    if request.count == 7, request[0] == Array("1.0".utf8), request[5] == Array("CURVE".utf8),
      let key = PublicKey(bytes: request[6])
    {
      let address = String(decoding: request[3].prefix(64), as: UTF8.self)
      if judge(key, address) == .allow {
        (status, text, user) = ("200", "OK", key.description)
      } else {
        (status, text) = ("300", "not now")
      }
    }
    return [Array("1.0".utf8), request[1], Array(status.utf8), Array(text.utf8), Array(user.utf8), []]
  }

  private func judge(_ key: PublicKey, _ address: String) -> Answer {
    let probe = state.withLock { $0.probe }
    if let probe, probe.admitted == key { return .allow }
    let answer = decide(key, address)
    guard answer == .refuse else { return answer }
    state.withLock { state in
      if state.probe?.stranger == key {
        state.strangerWasRefused = true
        return
      }
      state.refusalCount += 1
      let refusal = Refusal(key: key, address: address)
      if state.refusals.count < Self.refusalsKept, !state.refusals.contains(refusal) { state.refusals.append(refusal) }
    }
    return answer
  }

  /// `@unchecked`: made on one thread, then used on the handler's alone; making that thread is the fence between them.
  private final class Loop: @unchecked Sendable {
    private var socket: RawSocket?
    private let wake: WakeSignal
    private let answer: @Sendable ([[UInt8]]) -> [[UInt8]]?

    init(socket: RawSocket, wake: WakeSignal, answer: @escaping @Sendable ([[UInt8]]) -> [[UInt8]]?) {
      self.socket = socket
      self.wake = wake
      self.answer = answer
    }

    /// Until the handler is gone, or the context.
    func run() {
      defer { socket = nil }
      // The wake comes once, when the handler is gone; nothing else ends the wait but the context's end.
      while let socket, waitFor(socket.pointer, wake, milliseconds: -1) == .message {
        while let request = socket.receiveMessage() {
          // A handler that is gone answers nothing: with the domain enforced, that lets nobody in.
          guard let reply = answer(request) else { return }
          for (index, frame) in reply.enumerated() { _ = socket.sendFrame(frame, hasMore: index + 1 < reply.count) }
        }
      }
    }
  }
}

/// Runs `body` on a detached thread of its own.
private func startThread(_ body: @escaping @Sendable () -> Void) throws(SocketError) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  let box = Unmanaged.passRetained(Box(body))
  var thread = pthread_t()
  let error = pthread_create(
    &thread, nil,
    { argument in
      if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
      return nil
    }, box.toOpaque())
  guard error == 0 else {
    box.release()
    throw SocketError(code: .failed, endpoint: "thread", detail: String(cString: strerror(error)))
  }
  pthread_detach(thread)
}
