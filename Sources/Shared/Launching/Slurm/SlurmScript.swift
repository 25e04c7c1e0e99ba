// SPDX-License-Identifier: Apache-2.0

/// What Slurm alone knows of: the words of sbatch(1).
package struct SlurmSettings: Codable, Hashable, Sendable {
  package var jobName = "muster-worker"
  package var partition: String?
  package var account: String?
  /// As sbatch takes it: minutes, or `04:00:00`. `nil`: the partition's default.
  package var timeLimit: String?
  /// How long before the time limit the worker is told to end. Slurm may do so up to 60 s earlier.
  package var noticeSeconds = 120
  /// Tasks of the array that may run at a time; `nil`: all.
  package var runningMax: Int?
  /// Further options, each as sbatch takes it: `--qos=low`, `--constraint=avx512`.
  package var options: [String] = []

  package init() {}
}

/// The batch script of an array of workers: the template of cluster/slurm with its gaps filled.
struct SlurmScript {
  let settings: SlurmSettings
  let order: WorkerOrder
  let count: Int

  static let template = String(decoding: PackageResources.worker_sbatch, as: UTF8.self)

  /// - Throws: `.badOrder` for what would become another line, or another option.
  func text(template: String = Self.template) throws(LaunchError) -> String {
    try order.check()
    try check()
    var options: [String] = []
    if let memory = order.memory { options.append("--mem=\(memory)") }
    if let limit = settings.timeLimit { options.append("--time=\(limit)") }
    if let partition = settings.partition { options.append("--partition=\(partition)") }
    if let account = settings.account { options.append("--account=\(account)") }
    options += settings.options
    let gaps = [
      "name": settings.jobName, "last": "\(count - 1)" + (settings.runningMax.map { "%\($0)" } ?? ""),
      "cpus": "\(order.cpuCount)", "notice": "\(settings.noticeSeconds)",
      // sbatch fills in %j and its kin; a folder's own percent sign is doubled.
      "logs": Self.optionQuoted(order.logs.replacing("%", with: "%%")),
      "worker": ([order.executable] + order.words).map(shellQuoted).joined(separator: " "),
    ]
    var lines: [String] = []
    for line in template.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "#SBATCH {{options}}" {
        lines += options.map { "#SBATCH " + $0 }
      } else {
        lines.append(fill(line, gaps))
      }
    }
    return lines.joined(separator: "\n")
  }

  private func fill(_ line: Substring, _ gaps: [String: String]) -> String {
    var parts: [Substring] = []
    var rest = line
    // Once from left to right: what is filled in is not looked at again.
    while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
      parts.append(rest[..<start.lowerBound])
      let name = String(rest[start.upperBound..<end.lowerBound])
      parts.append(Substring(gaps[name] ?? "{{\(name)}}"))
      rest = rest[end.upperBound...]
    }
    return (parts + [rest]).joined()
  }

  private func check() throws(LaunchError) {
    guard (1...100_000).contains(count) else {
      throw LaunchError(.badOrder, what: "--count \(count)", detail: "expected 1 to 100000")
    }
    let plain = [settings.jobName, settings.partition, settings.account, settings.timeLimit].compactMap { $0 }
    for word in plain where !word.utf8.allSatisfy(Self.isPlain) || word.isEmpty || word.hasPrefix("-") {
      throw LaunchError(.badOrder, what: word.debugDescription, detail: "expected letters, digits and . _ - : , alone")
    }
    for option in settings.options {
      guard option.hasPrefix("--"), option.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
        throw LaunchError(
          .badOrder, what: option.debugDescription, detail: "expected an option of sbatch, as --qos=low")
      }
      let owned = ["--array", "--signal", "--requeue", "--no-requeue", "--open-mode", "--wrap", "--export"]
      if let taken = owned.first(where: { option == $0 || option.hasPrefix($0 + "=") }) {
        throw LaunchError(.badOrder, what: option, detail: "\(taken) is for the template to say")
      }
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte < 0x80
      && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
        || "._-:,".utf8.contains(byte))
  }

  /// A value within a line of `#SBATCH`, which knows double quotes.
  private static func optionQuoted(_ value: String) -> String {
    value.contains(" ") ? "\"\(value)\"" : value
  }
}
