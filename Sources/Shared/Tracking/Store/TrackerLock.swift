// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The right to write a tracker: an exclusive flock(2) on `<tracker>.lock`, held until the process ends however it ends.
/// The file itself stays, for removing it would let two hold a lock of the same name.
final class TrackerLock: Sendable {
  private let descriptor: Int32

  init(tracker path: String) throws(TrackerError) {
    let lockPath = path + ".lock"
    descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      throw TrackerError(
        code: .unwritable, path: lockPath, detail: "cannot be opened: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder =
        (try? String(contentsOfFile: lockPath, encoding: .utf8))?
        .trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
      close(descriptor)
      throw TrackerError(
        code: .locked, path: path,
        detail: "another coordinator writes it (\(holder.isEmpty ? "unknown" : holder)); wait for it, or stop it first")
    }
    // A note for people: the lock holds without it, on a full disk too.
    ftruncate(descriptor, 0)
    let note = "process \(getpid()) on \(ProcessInfo.processInfo.hostName)\n"
    _ = note.withCString { write(descriptor, $0, strlen($0)) }
  }

  deinit { close(descriptor) }

  /// Whether a coordinator writes the tracker at this moment.
  static func isHeld(tracker path: String) -> Bool {
    let descriptor = open(path + ".lock", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }
}

/// Whether a coordinator writes the tracker at this moment.
package func trackerIsInUse(_ path: String) -> Bool { TrackerLock.isHeld(tracker: path) }
