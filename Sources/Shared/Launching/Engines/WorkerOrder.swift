// SPDX-License-Identifier: Apache-2.0

/// What a scheduler is asked to run, in the words of `muster workers launch`. Kept beside the rendezvous file, so that
/// `scale` can ask for more of the same. Paths, never keys.
package struct WorkerOrder: Codable, Hashable, Sendable {
  package enum Engine: Codable, Hashable, Sendable {
    case slurm(SlurmSettings)
    case ssh(SSHSettings)
    case kubernetes(KubernetesSettings)

    package var name: String {
      switch self {
      case .slurm: "slurm"
      case .ssh: "ssh"
      case .kubernetes: "kubernetes"
      }
    }
  }

  package var engine: Engine
  /// `muster-worker` as the node sees it.
  package var executable: String
  package var rendezvous: String
  /// Folders that the nodes see; none: workers with a key fetch the data set from the coordinator.
  package var data: [String]
  /// `nil`: they deliver what they make.
  package var artifacts: String?
  package var keyFile: String?
  package var coordinatorKey: String?
  /// A folder, as the node sees it.
  package var logs: String
  package var cpuCount = 1
  /// As Slurm writes it: `4G`, `800M`. `nil`: the cluster's default.
  package var memory: String?
  package var drainSeconds = 20
  /// Further words for `muster-worker start`.
  package var extra: [String] = []

  package init(
    engine: Engine, executable: String, rendezvous: String, data: [String], artifacts: String?, logs: String
  ) {
    self.engine = engine
    self.executable = executable
    self.rendezvous = rendezvous
    self.data = data
    self.artifacts = artifacts
    self.logs = logs
  }

  /// The words after the executable, without name and spot, which each engine gives by itself.
  package var words: [String] {
    var words = ["start", "--rendezvous", rendezvous]
    for folder in data { words += ["--data", folder] }
    if let artifacts { words += ["--artifacts", artifacts] }
    if let keyFile { words += ["--key-file", keyFile] }
    if let coordinatorKey { words += ["--coordinator-key", coordinatorKey] }
    return words + ["--drain-seconds", "\(drainSeconds)"] + extra
  }

  /// - Throws: `.badOrder` for what would end a line of a script or a manifest and begin another.
  package func check() throws(LaunchError) {
    let values =
      [executable, rendezvous, artifacts ?? "", logs, keyFile ?? "", coordinatorKey ?? "", memory ?? ""] + data + extra
    for value in values where value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      throw LaunchError(.badOrder, what: value.debugDescription, detail: "expected text without control characters")
    }
    if let memory, !memory.utf8.allSatisfy({ $0 < 0x80 && (isDigit($0) || "KMGTkmgt".utf8.contains($0)) }) {
      throw LaunchError(.badOrder, what: "--memory \(memory)", detail: "expected a size as 4G or 800M")
    }
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

/// A word as a POSIX shell reads it back, whatever is in it.
///
/// - Source: POSIX.1-2017, Shell Command Language, 2.2.2: within single quotes each character stands for itself.
package func shellQuoted(_ word: String) -> String {
  let isPlain =
    !word.isEmpty
    && word.utf8.allSatisfy { byte in
      byte < 0x80
        && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
          || "/._-:=,+@%".utf8.contains(byte))
    }
  return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
