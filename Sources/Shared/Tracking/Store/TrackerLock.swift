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
      throw TrackerError(code: .disk, path: lockPath, detail: "cannot be opened: \(String(cString: strerror(errno)))")
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
    ftruncate(descriptor, 0)
    let note = "process \(getpid()) on \(ProcessInfo.processInfo.hostName)\n"
    _ = note.withCString { write(descriptor, $0, strlen($0)) }
  }

  deinit { close(descriptor) }

  /// SQLite's locks do not hold on network file systems, so neither would anything promised here.
  static func refuseNetworkFileSystem(_ folder: String, tracker path: String) throws(TrackerError) {
    // proc(5): fields 2 and 3 of a line are mount point and type. Without the file nothing is known, so nothing refused.
    let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
    let resolved = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    var nearest: (point: String, type: String)?
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ").map(String.init)
      guard fields.count > 2 else { continue }
      let isAbove = fields[1] == "/" || resolved == fields[1] || resolved.hasPrefix(fields[1] + "/")
      if isAbove, fields[1].count >= nearest?.point.count ?? 0 { nearest = (fields[1], fields[2]) }
    }
    guard let type = nearest?.type, ["nfs", "nfs4", "cifs", "smb3", "smbfs"].contains(type) else { return }
    throw TrackerError(
      code: .networkFileSystem, path: path,
      detail: "SQLite's locks do not hold on \(type); put the tracker on a local disk (track.db)")
  }
}
