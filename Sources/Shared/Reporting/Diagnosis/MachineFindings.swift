// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What this machine is asked for: a clock that is right, room on a disk, descriptors.
package enum MachineFindings {
  /// - Parameter now: milliseconds since 1970.
  package static func clock(now: Int64) -> [Finding] {
    var findings: [Finding] = []
    let year = LogLine.time(now).prefix(4)
    let isPlausible = (Int(year) ?? 0) >= 2_025
    findings.append(
      Finding(
        "Clock", "time of day", isPlausible ? .good : .wrong, LogLine.time(now),
        fix: isPlausible ? nil : "set it: keys expire by it, and records are dated by it (timedatectl set-ntp true)"))
    guard let state = kernelClock() else { return findings }
    findings.append(
      Finding(
        "Clock", "synchronisation", state.isSynchronised ? .good : .warning,
        state.isSynchronised
          ? "kept by the kernel, error at most \(state.errorMicroseconds / 1_000) ms" : "nobody keeps it in step",
        fix: state.isSynchronised ? nil : "timedatectl set-ntp true; leases do not need it, expiry of keys and dates do"
      ))
    return findings
  }

  /// adjtimex(2): STA_UNSYNC of `status`, and `maxerror`. Swift's Glibc leaves <sys/timex.h> out, hence by name.
  private static func kernelClock() -> (isSynchronised: Bool, errorMicroseconds: Int)? {
    typealias Call = @convention(c) (UnsafeMutableRawPointer) -> Int32
    guard let symbol = dlsym(nil, "adjtimex") else { return nil }
    // 208 bytes on 64-bit Linux; the fields before `status` are longs, the first an unsigned int. `modes` 0 only reads.
    var words = [Int](repeating: 0, count: 64)
    let state = words.withUnsafeMutableBytes { unsafeBitCast(symbol, to: Call.self)($0.baseAddress!) }
    guard state >= 0 else { return nil }
    let isOff = state == 5 || Int32(truncatingIfNeeded: words[5]) & 0x40 != 0
    return (!isOff, words[3])
  }

  /// Room where `folder` is.
  package static func disk(_ what: String, folder: String) -> [Finding] {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else {
      return [
        Finding(
          "Disk", what, .wrong, "\(folder): \(String(cString: strerror(errno)))", fix: "mkdir -p \(folder)")
      ]
    }
    let free = Int64(status.f_bavail) * Int64(status.f_frsize)
    let share = status.f_blocks > 0 ? Double(status.f_bavail) / Double(status.f_blocks) : 0
    let standing: Finding.Standing = free < 256 << 20 ? .wrong : free < 2 << 30 || share < 0.05 ? .warning : .good
    var findings = [
      Finding(
        "Disk", what, standing, "\(free >> 20) MiB free (\(Int(share * 100)) %) at \(folder)",
        fix: standing == .good ? nil : "free space there: a full disk stops the recording of results until it has room")
    ]
    if access(folder, W_OK) != 0 {
      findings.append(
        Finding("Disk", what, .wrong, "\(folder) cannot be written by this user", fix: "chown or chmod it"))
    }
    if status.f_files > 0, status.f_favail < 1_000 {
      findings.append(
        Finding(
          "Disk", what, .warning, "\(status.f_favail) files may yet be made at \(folder)", fix: "remove files there"))
    }
    return findings
  }

  /// A coordinator needs one a connection and some forty of its own.
  package static func descriptors(workerCount: Int) -> Finding {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let needed = UInt64(workerCount) * 2 + 64
    let isEnough = UInt64(limit.rlim_max) >= needed
    return Finding(
      "Machine", "open files", isEnough ? .good : .wrong,
      "at most \(limit.rlim_max), \(needed) for \(workerCount) workers",
      fix: isEnough ? nil : "ulimit -Hn \(needed), or LimitNOFILE= in the unit")
  }
}
