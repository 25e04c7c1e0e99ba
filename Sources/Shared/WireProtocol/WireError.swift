// SPDX-License-Identifier: Apache-2.0

/// Bytes that are no message of this protocol. It names the field and what was expected, never what was found: a hostile
/// peer must not write into our logs.
package enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
  case malformed(String)
  /// A field that its type allows and the protocol does not.
  case outOfRange(field: String, expected: String)
  case versionMismatch(found: UInt32, expected: UInt32)

  package var isVersionMismatch: Bool {
    if case .versionMismatch = self { true } else { false }
  }

  package var description: String {
    switch self {
    case .malformed(let what): "malformed message: \(what)"
    case .outOfRange(let field, let expected): "malformed message: \(field): expected \(expected)"
    case .versionMismatch(let found, let expected):
      "the peer speaks protocol \(found), this side \(expected): use one version of muster on both"
    }
  }
}
