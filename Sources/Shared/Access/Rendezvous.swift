// SPDX-License-Identifier: Apache-2.0

package import Sockets

/// Where a coordinator is to be found, in a file that workers read: on a cluster nobody knows beforehand on which node it
/// starts. The form is one `word value` a line:
///
///     muster-rendezvous 1
///     endpoint tcp://node3:5555
///     public 9f2c…e1
///     epoch 7
///     state open
///     sweep mort48
///     workers 12
///     usable 40
///
/// Nothing in it is secret. Whoever can write it can name a coordinator of their own, so it is not believed when others may
/// write it.
package struct Rendezvous: Hashable, Sendable {
  package enum State: String, Sendable {
    case open
    /// The coordinator was stopped; the sweep goes on when it is started again.
    case stopped
    /// All is done: a worker that comes now has nothing to do.
    case finished
  }

  package var endpoint: Endpoint
  /// `nil` on loopback without keys.
  package var publicKey: PublicKey?
  package var epoch: Int64
  package var state: State
  package var sweep: String
  /// Workers that were joined when this was written.
  package var workerCount = 0
  /// Workers that could have trained something then.
  package var usableCount = 0

  package init(endpoint: Endpoint, publicKey: PublicKey?, epoch: Int64, state: State, sweep: String) {
    self.endpoint = endpoint
    self.publicKey = publicKey
    self.epoch = epoch
    self.state = state
    self.sweep = sweep
  }

  /// - Throws: `.missing`; `.loose` where others may write it; `.malformed`.
  package init(path: String) throws(AccessError) {
    try self.init(text: PrivateFile.read(path, othersMayRead: true).text, path: path)
  }

  package init(text: String, path: String) throws(AccessError) {
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard words.count == 2, fields.updateValue(String(words[1]), forKey: String(words[0])) == nil else {
        throw AccessError(.malformed, path, "expected one `word value` a line, each word once")
      }
    }
    guard fields["muster-rendezvous"] == "1" else {
      throw AccessError(
        .malformed, path, "expected a rendezvous file of muster (`muster-rendezvous 1`); sweep run --bind writes one")
    }
    guard let address = fields["endpoint"], let endpoint = try? Endpoint(address), endpoint.port != "*",
      endpoint.host != "*"
    else { throw AccessError(.malformed, path, "expected the line `endpoint tcp://<host>:<port>`") }
    guard let epoch = fields["epoch"].flatMap({ Int64($0) }), epoch > 0 else {
      throw AccessError(.malformed, path, "expected the line `epoch <number>`")
    }
    guard let state = fields["state"].flatMap({ State(rawValue: $0) }) else {
      throw AccessError(.malformed, path, "expected the line `state open`, `stopped` or `finished`")
    }
    let publicKey = fields["public"].flatMap { PublicKey(hex: $0) }
    guard (publicKey == nil) == (fields["public"] == nil) else {
      throw AccessError(.malformed, path, "public: expected 64 hexadecimal digits")
    }
    self.init(
      endpoint: endpoint, publicKey: publicKey, epoch: epoch, state: state, sweep: fields["sweep"] ?? "-")
    workerCount = fields["workers"].flatMap { Int($0) } ?? 0
    usableCount = fields["usable"].flatMap { Int($0) } ?? 0
  }

  package var text: String {
    var lines = ["muster-rendezvous 1", "endpoint \(endpoint)"]
    if let publicKey { lines.append("public \(publicKey)") }
    lines += ["epoch \(epoch)", "state \(state.rawValue)", "sweep \(sweep)"]
    lines += ["workers \(workerCount)", "usable \(usableCount)"]
    return lines.map { $0 + "\n" }.joined()
  }

  /// Whole or not at all, in the place of what is there; readable by all, writable by its owner.
  package func write(to path: String) throws(AccessError) {
    try PrivateFile.write(text, to: path, replaces: true, mode: 0o644)
  }

  /// Whether a worker that followed `other` has to go elsewhere.
  package func leadsElsewhere(than other: Rendezvous) -> Bool {
    endpoint != other.endpoint || publicKey != other.publicKey || epoch != other.epoch
  }
}
