// SPDX-License-Identifier: Apache-2.0

import Sweeps

/// `execution.resources` and `execution.where`.
func requirements(_ execution: SectionReader) throws(SweepPlanError) -> TaskRequirements {
  var wanted = TaskRequirements()
  if let resources = try execution.section("resources", .resources) {
    wanted.coreCount = Int(try resources.integer("cpus", in: 0...4_096) ?? 0)
    wanted.gpuCount = Int(try resources.integer("gpus", in: 0...1_024) ?? 0)
    if let text = try resources.text("memory") {
      guard let bytes = byteCount(text), bytes <= 1 << 50 else {
        throw try resources.required("memory").error(
          .badValue, "execution.resources.memory: expected bytes, found \(text)",
          note: "write a number and its unit: 512MiB, 4GiB or 16GB")
      }
      wanted.memoryBytes = bytes
    }
  }
  wanted.labels = try labels(execution)
  return wanted
}

private func labels(_ execution: SectionReader) throws(SweepPlanError) -> [WorkerRoom.Label] {
  guard let node = execution.optional("where") else { return [] }
  guard let pairs = node.pairs else {
    throw node.error(.wrongType, "execution.where: expected a mapping of labels.NAME to text, found \(node.kindText)")
  }
  var labels: [WorkerRoom.Label] = []
  for pair in pairs {
    guard let key = pair.key.text, key.hasPrefix("labels."), isLabelText(key.dropFirst("labels.".count)) else {
      throw pair.key.error(
        .unknownKey, "execution.where: expected labels.NAME, found \(pair.key.text ?? pair.key.kindText)",
        note: "a worker says what it has: muster-worker start --label site=icu")
    }
    guard let value = pair.value.text, !pair.value.isNull, isLabelText(value[...]) else {
      throw pair.value.error(
        .badValue, "execution.where.\(key): expected 1 to 128 of A-Z a-z 0-9 . _ -, found \(pair.value.kindText)")
    }
    labels.append(WorkerRoom.Label(name: String(key.dropFirst("labels.".count)), value: value))
  }
  return labels.sorted { $0.name < $1.name }
}

private func isLabelText(_ text: Substring) -> Bool {
  (1...128).contains(text.utf8.count)
    && text.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || [45, 46, 95].contains(byte)
    }
}
