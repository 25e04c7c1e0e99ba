// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// How a coordinator's socket is guarded.
package enum RouterSecurity: Sendable {
  /// Neither encrypted nor authenticated: loopback only.
  case plain
  /// CURVE: every connection is encrypted and its key judged by the handler. The handler is asked for, because a CURVE
  /// server without one lets every key in.
  case curve(KeyPair, ZapHandler)

  package var isPlain: Bool { if case .plain = self { true } else { false } }
}

/// How a worker's socket is guarded.
package enum DealerSecurity: Sendable {
  case plain
  /// CURVE with this process's own key, to a coordinator that must hold the secret half of `coordinator`.
  case curve(KeyPair, coordinator: PublicKey)

  package var isPlain: Bool { if case .plain = self { true } else { false } }
}

extension RawSocket {
  func secure(_ security: RouterSecurity) throws(SocketError) {
    guard case .curve(let keys, _) = security else { return }
    try set(ZMQ_CURVE_SERVER, 1)
    try set(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes)
    try set(ZMQ_ZAP_DOMAIN, Array("muster".utf8))
    // ZMQ_ZAP_ENFORCE_DOMAIN, which Debian's header keeps among the drafts though the library takes it: without a
    // handler nobody gets in, instead of everybody.
    try set(93, 1)
  }

  func secure(_ security: DealerSecurity) throws(SocketError) {
    guard case .curve(let keys, let coordinator) = security else { return }
    try set(ZMQ_CURVE_SERVERKEY, coordinator.bytes)
    try set(ZMQ_CURVE_PUBLICKEY, keys.publicKey.bytes)
    try set(ZMQ_CURVE_SECRETKEY, keys.secretKey.bytes)
  }
}

/// That this libzmq is fit for a network.
///
/// - Throws: `.unfit` before 4.3.3 (CVE-2020-15166: half-open clients starve good ones) or without CURVE.
package func requireSecureLibrary() throws(SocketError) {
  var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
  zmq_version(&major, &minor, &patch)
  guard (major, minor, patch) >= (4, 3, 3), zmq_has("curve") == 1 else {
    throw SocketError(
      code: .unfit, endpoint: "libzmq \(major).\(minor).\(patch)",
      detail: "expected 4.3.3 or newer, built with CURVE; install Debian 12's libzmq5")
  }
}
