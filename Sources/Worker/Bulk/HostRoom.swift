// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps

/// What this host has, of that what this process may use.
func hostRoom(labels: [WorkerRoom.Label], fetchBytesMax: Int64) -> WorkerRoom {
  var room = WorkerRoom()
  room.coreCount = ProcessInfo.processInfo.activeProcessorCount
  room.memoryBytes = min(Int64(clamping: ProcessInfo.processInfo.physicalMemory), memoryLimit ?? .max)
  let devices = (try? FileManager.default.contentsOfDirectory(atPath: "/dev")) ?? []
  room.gpuCount = min(
    1_024,
    devices.count { name in
      name.hasPrefix("nvidia") && name.dropFirst(6).allSatisfy(\.isNumber) && name.count > 6
    })
  room.labels = labels
  room.fetchBytesMax = fetchBytesMax
  return room
}

/// Of the control group this process is in, version 2.
private var memoryLimit: Int64? {
  guard let line = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
    let group = line.split(separator: "\n").first(where: { $0.hasPrefix("0::") })?.dropFirst(3),
    let text = try? String(contentsOfFile: "/sys/fs/cgroup\(group)/memory.max", encoding: .utf8)
  else { return nil }
  return Int64(text.trimmingCharacters(in: .whitespacesAndNewlines))
}
