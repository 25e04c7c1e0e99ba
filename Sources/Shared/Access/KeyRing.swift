// SPDX-License-Identifier: Apache-2.0

package import Sockets

/// What a coordinator knows of a key at this moment.
package enum KeyStanding: Hashable, Sendable {
  case allowed(AllowedKey)
  case unknown
  case expired(AllowedKey)
  /// Allowed, but shut out for a while for what its holder did.
  case barred(AllowedKey)

  package var allowed: AllowedKey? { if case .allowed(let entry) = self { entry } else { nil } }
}

/// The allow-list in force, shared by the thread that answers for handshakes and the loop that looks at every message.
package final class KeyRing: Sendable {
  private struct State: Sendable {
    var list: AllowList
    /// A key of this process's own making, for the workers it starts itself.
    var local: AllowedKey?
    /// Until when, on the monotonic clock.
    var barred: [PublicKey: Int64] = [:]
    var stamp: PrivateFile.Stamp?
  }

  private let state: Locked<State>
  private let path: String?

  /// - Throws: `.missing`, `.loose`, `.malformed`: a coordinator does not start with a list it cannot trust.
  package init(path: String) throws(AccessError) {
    self.path = path
    let (text, stamp) = try PrivateFile.read(path)
    state = Locked(State(list: try AllowList(text: text, path: path), stamp: stamp))
  }

  /// A list that no file changes.
  package init(_ list: AllowList) {
    path = nil
    state = Locked(State(list: list))
  }

  package func setLocal(_ entry: AllowedKey) { state.withLock { $0.local = entry } }

  package var count: Int { state.withLock { $0.list.keys.count } }

  package func standing(of key: PublicKey, at now: CalendarTime, monotonic: Int64) -> KeyStanding {
    state.withLock { state in
      guard let entry = state.local?.key == key ? state.local : state.list[key] else { return .unknown }
      if entry.isExpired(at: now) { return .expired(entry) }
      if let until = state.barred[key], until > monotonic { return .barred(entry) }
      return .allowed(entry)
    }
  }

  /// Only listed keys can be barred, so the table is never longer than the list.
  package func bar(_ key: PublicKey, until monotonic: Int64) {
    state.withLock { state in
      guard state.list[key] != nil || state.local?.key == key else { return }
      state.barred[key] = monotonic
    }
  }

  /// Reads the file again if it is not the one read last.
  ///
  /// - Parameter isForced: on SIGHUP: whether it seems changed or not.
  /// - Returns: whether the list is another now.
  /// - Throws: what is wrong with the file. The list in force stays: half a list would lock every worker out.
  package func reload(isForced: Bool = false) throws(AccessError) -> Bool {
    guard let path else { return false }
    let found = PrivateFile.stamp(path)
    guard isForced || found != state.withLock({ $0.stamp }) else { return false }
    // Noted before it is read, so that a broken file is complained of once, and a change during the read is seen.
    state.withLock { $0.stamp = found }
    let (text, stamp) = try PrivateFile.read(path)
    let list = try AllowList(text: text, path: path)
    return state.withLock { state in
      state.stamp = stamp
      guard list != state.list else { return false }
      state.list = list
      state.barred = state.barred.filter { list[$0.key] != nil || state.local?.key == $0.key }
      return true
    }
  }
}
