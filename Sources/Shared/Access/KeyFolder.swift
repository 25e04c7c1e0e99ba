// SPDX-License-Identifier: Apache-2.0

package import Sockets

/// The folder that `--keys` names: `coordinator.key`, its public half in `coordinator.pub`, the allow-list `allowed`, and a
/// `NAME.key` for each worker key made here.
package struct KeyFolder: Sendable {
  package let path: String
  package init(path: String) { self.path = path }

  /// A name that no worker key may have.
  package static let coordinatorName = "coordinator"

  package var coordinatorPath: String { "\(path)/coordinator.key" }
  package var coordinatorPublicPath: String { "\(path)/coordinator.pub" }
  package var allowListPath: String { "\(path)/allowed" }
  package func keyPath(_ name: String) -> String { "\(path)/\(name).key" }

  /// Makes the coordinator's pair, and an empty allow-list where there is none.
  package func makeCoordinator() throws(AccessError) -> PublicKey {
    try PrivateFile.makeFolder(path)
    return try PrivateFile.whileLocked(path) { () throws(AccessError) in
      let file = KeyFile(name: Self.coordinatorName, keys: try newPair())
      try file.write(to: coordinatorPath)
      try PrivateFile.write("\(file.keys.publicKey)\n", to: coordinatorPublicPath, replaces: true)
      if PrivateFile.stamp(allowListPath) == nil {
        try PrivateFile.write("# public-key name role expiry\n", to: allowListPath, replaces: false)
      }
      return file.keys.publicKey
    }
  }

  /// Lists a new key, or one whose secret was made elsewhere.
  ///
  /// - Parameter known: the public key to list; `nil` makes a pair and writes `NAME.key`.
  package func addKey(
    name: String, role: KeyRole, expiry: CalendarTime?, known: PublicKey?
  ) throws(AccessError) -> AllowedKey {
    let name = try checkedName(name, name)
    guard name != Self.coordinatorName else {
      throw AccessError(.badName, name, "that name is the coordinator's own")
    }
    try PrivateFile.makeFolder(path)
    return try PrivateFile.whileLocked(path) { () throws(AccessError) in
      var list = try readList() ?? AllowList()
      let pair = known == nil ? try newPair() : nil
      guard let key = known ?? pair?.publicKey else { throw AccessError(.failed, name, "no key was made") }
      let entry = AllowedKey(name: name, role: role, expiry: expiry, key: key)
      try list.add(entry, subject: allowListPath)
      // The secret first: a line whose key nobody holds is worse to find than a key that is not listed.
      if let pair { try KeyFile(name: name, keys: pair).write(to: keyPath(name)) }
      try PrivateFile.write(list.text, to: allowListPath, replaces: true)
      return entry
    }
  }

  package func revoke(name: String, at now: CalendarTime) throws(AccessError) -> AllowedKey {
    try PrivateFile.whileLocked(path) { () throws(AccessError) in
      guard var list = try readList() else { throw AccessError(.missing, allowListPath, "there is no allow-list") }
      let entry = try list.revoke(name: name, at: now, path: allowListPath)
      try PrivateFile.write(list.text, to: allowListPath, replaces: true)
      return entry
    }
  }

  /// `nil` when there is no list yet.
  package func readList() throws(AccessError) -> AllowList? {
    guard PrivateFile.stamp(allowListPath) != nil else { return nil }
    return try AllowList(text: PrivateFile.read(allowListPath).text, path: allowListPath)
  }

  private func newPair() throws(AccessError) -> KeyPair {
    do { return try KeyPair.random() } catch { throw AccessError(.failed, "curve", error.description) }
  }
}

/// `--coordinator-key`: 64 hexadecimal digits, or a file that holds them (`coordinator.pub`).
package func readPublicKey(_ text: String) throws(AccessError) -> PublicKey {
  if let key = PublicKey(hex: text) { return key }
  // A public key is no secret, but whoever can change the file can name a coordinator of their own.
  let (content, _) = try PrivateFile.read(text, othersMayRead: true)
  guard let key = content.split(whereSeparator: \.isWhitespace).first.flatMap({ PublicKey(hex: String($0)) }) else {
    throw AccessError(.malformed, text, "expected 64 hexadecimal digits, or a file that holds them (coordinator.pub)")
  }
  return key
}
