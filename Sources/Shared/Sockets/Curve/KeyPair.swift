// SPDX-License-Identifier: Apache-2.0

import CZeroMQ

/// A secret key and the public key that follows from it.
package struct KeyPair: Sendable {
  package let publicKey: PublicKey
  package let secretKey: SecretKey

  /// A new pair from the system's randomness (libsodium's).
  package static func random() throws(SocketError) -> KeyPair {
    var publicText = [CChar](repeating: 0, count: 41)
    var secretText = [CChar](repeating: 0, count: 41)
    guard zmq_curve_keypair(&publicText, &secretText) == 0 else {
      throw SocketError.last("curve", doing: "making a key pair")
    }
    guard let publicKey = PublicKey(bytes: decoded(publicText)) else {
      throw SocketError(code: .failed, endpoint: "curve", detail: "libzmq gave a key of the wrong length")
    }
    return KeyPair(publicKey: publicKey, secretKey: SecretKey(bytes: decoded(secretText)))
  }

  /// The pair of a secret key: its public half is computed, never believed.
  package init(secretKey: SecretKey) throws(SocketError) {
    var secretText = [CChar](repeating: 0, count: 41)
    var publicText = [CChar](repeating: 0, count: 41)
    guard zmq_z85_encode(&secretText, secretKey.bytes, secretKey.bytes.count) != nil,
      zmq_curve_public(&publicText, secretText) == 0, let publicKey = PublicKey(bytes: Self.decoded(publicText))
    else { throw SocketError.last("curve", doing: "deriving a public key") }
    self.init(publicKey: publicKey, secretKey: secretKey)
  }

  private init(publicKey: PublicKey, secretKey: SecretKey) {
    self.publicKey = publicKey
    self.secretKey = secretKey
  }

  /// The 32 bytes of a NUL-terminated Z85 text of 40 characters.
  private static func decoded(_ z85: [CChar]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
    return zmq_z85_decode(&bytes, z85) == nil ? [] : bytes
  }
}
