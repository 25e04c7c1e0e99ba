// SPDX-License-Identifier: Apache-2.0

package import Sockets

/// A key pair in a file that only its owner may read. The form is one `word value` a line:
///
///     muster-key 1
///     name node-7
///     public 9f2c…e1
///     secret 03ab…7d
package struct KeyFile: Sendable {
  package let name: String
  package let keys: KeyPair

  package init(name: String, keys: KeyPair) {
    self.name = name
    self.keys = keys
  }

  /// - Throws: `.missing`, `.loose`, `.malformed`. No error quotes the file.
  package init(path: String) throws(AccessError) {
    let (text, _) = try PrivateFile.read(path)
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard words.count == 2, fields.updateValue(String(words[1]), forKey: String(words[0])) == nil else {
        throw AccessError(.malformed, path, "expected one `word value` a line, each word once")
      }
    }
    guard fields["muster-key"] == "1" else {
      throw AccessError(.malformed, path, "expected a key file of muster (`muster-key 1`); make one: muster keys new")
    }
    guard let name = fields["name"], let secret = fields["secret"].flatMap({ SecretKey(hex: $0) }) else {
      throw AccessError(.malformed, path, "expected the lines `name …` and `secret …` (64 hexadecimal digits)")
    }
    self.name = try checkedName(name, path)
    do {
      keys = try KeyPair(secretKey: secret)
    } catch {
      throw AccessError(.failed, path, error.description)
    }
    guard fields["public"] == keys.publicKey.description else {
      throw AccessError(
        .malformed, path, "its public key is not that of its secret key: the file was damaged or edited")
    }
  }

  /// Writes it, mode 600.
  package func write(to path: String, replaces: Bool = false) throws(AccessError) {
    let text = """
      muster-key 1
      name \(name)
      public \(keys.publicKey)
      secret \(keys.secretKey.hex)

      """
    try PrivateFile.write(text, to: path, replaces: replaces)
  }
}
