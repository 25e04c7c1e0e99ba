// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What is compiled for these tests: a library for LD_PRELOAD, and a power switch for ext4.
struct FaultShim {
  let library: String
  let powerSwitch: String

  /// `nil` where there is no C compiler.
  static let shared: FaultShim? = {
    let sources =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Shims"
    let folder = NSTemporaryDirectory() + "muster-shims-\(getpid())"
    let shim = FaultShim(library: folder + "/faults.so", powerSwitch: folder + "/powercut")
    for compiler in ["cc", "clang", "gcc"] {
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try tool(compiler, "-shared", "-fPIC", "-O1", "-o", shim.library, sources + "/faults.c", "-ldl")
        try tool(compiler, "-O1", "-o", shim.powerSwitch, sources + "/powercut.c")
        return shim
      } catch {
        continue
      }
    }
    return nil
  }()

  static var isThere: Bool { shared != nil }

  /// The settings under which a program of that name meets the fault.
  func environment(_ program: String, below paths: [String], _ settings: [String: String]) -> [String: String] {
    [
      "LD_PRELOAD": library, "MUSTER_FAULT_PROGRAM": program,
      "MUSTER_FAULT_PATHS": paths.joined(separator: ":"),
    ].merging(settings) { $1 }
  }
}

/// Which tests this machine can run, and how far.
enum Machine {
  static let isRoot = geteuid() == 0
  static let hasSQLiteShell = succeeds { try tool("sqlite3", "-version") }

  /// How many times as long as in `make test`: `make soak-live` sets it.
  static let soak = max(1, Int(ProcessInfo.processInfo.environment["MUSTER_SOAK"] ?? "") ?? 1)

  /// Root alone is not enough: in a container mount(2) and new networks may be forbidden.
  static let canMount = isRoot && has("mount", "-t", "tmpfs", "none")
  static let canMountLoop =
    canMount && hasSQLiteShell && succeeds { try tool("losetup", "-f") } && succeeds { try tool("mkfs.ext4", "-V") }
  static let canMakeNetworks: Bool = {
    guard isRoot, succeeds({ try tool("ip", "netns", "add", "muster-probe") }) else { return false }
    return succeeds { try tool("ip", "netns", "del", "muster-probe") }
  }()
  static let memoryGroups = "/sys/fs/cgroup/memory"
  static let canLimitMemory =
    isRoot && FileManager.default.isWritableFile(atPath: memoryGroups + "/memory.limit_in_bytes")

  private static func has(_ words: String...) -> Bool {
    let folder = NSTemporaryDirectory() + "muster-probe-\(getpid())"
    return succeeds {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try tool(words[0], words[1], words[2], words[3], folder)
      try tool("umount", folder)
      try FileManager.default.removeItem(atPath: folder)
    }
  }

  private static func succeeds(_ body: () throws -> Void) -> Bool {
    do { try body() } catch { return false }
    return true
  }
}
