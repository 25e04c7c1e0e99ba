// SPDX-License-Identifier: Apache-2.0

/// What a worker's host has, as the worker says. 0: not said, and then nothing is held against it.
package struct WorkerRoom: Hashable, Sendable {
  package var coreCount = 0
  package var memoryBytes: Int64 = 0
  package var gpuCount = 0
  /// Ascending by name, each name once.
  package var labels: [Label] = []
  /// The largest data set that it would fetch and keep; 0: it fetches none.
  package var fetchBytesMax: Int64 = 0

  package struct Label: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package init() {}
}

/// What one task asks of the host it is trained on.
package struct TaskRequirements: Hashable, Sendable {
  package var coreCount = 0
  package var memoryBytes: Int64 = 0
  package var gpuCount = 0
  package var labels: [WorkerRoom.Label] = []

  package init() {}

  package var isEmpty: Bool { self == TaskRequirements() }

  /// Whether so many tasks at a time have room there. What the host does not say is not held against it, but for labels
  /// and GPUs: who has them says so.
  package func fit(_ room: WorkerRoom, times count: Int = 1) -> Bool {
    // What a task asks for is bounded where it is read, so the products fit.
    func isRoomy(_ need: Int64, _ have: Int64) -> Bool { have == 0 || need * Int64(count) <= have }
    return isRoomy(Int64(coreCount), Int64(room.coreCount)) && isRoomy(memoryBytes, room.memoryBytes)
      && gpuCount * count <= room.gpuCount && labels.allSatisfy(room.labels.contains)
  }
}
