// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Hosts that are reached with ssh, keys and nothing else.
package struct SSHSettings: Codable, Hashable, Sendable {
  /// As ssh takes them: a host, `user@host`, or a name of ssh_config.
  package var hosts: [String]
  /// `-F`: a configuration of one's own, with ports and identities.
  package var configuration: String?

  package init(hosts: [String]) { self.hosts = hosts }
}

/// Workers as processes of their own on other hosts, started over ssh and left to themselves. Nothing starts them again: where
/// that is wanted, use cluster/systemd.
package struct SSHEngine: WorkerEngine {
  package let settings: SSHSettings
  package init(settings: SSHSettings) { self.settings = settings }

  private var ssh: Tool { Tool(name: "ssh", help: "install an ssh client") }

  /// What asks for a password fails at once.
  private var options: [String] {
    (settings.configuration.map { ["-F", $0] } ?? []) + [
      "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ControlMaster=no", "-n",
    ]
  }

  package func script(_ order: WorkerOrder, count: Int) throws(LaunchError) -> String {
    try check(order)
    let stamp = "TIME"
    return places(count).enumerated().map { index, host in
      "# \(host)\n" + command(order, name: Self.name(host, stamp, index)) + "\n"
    }.joined()
  }

  package func launch(_ order: WorkerOrder, count: Int) throws(LaunchError) -> Launch {
    try check(order)
    let now = Int64(Date().timeIntervalSince1970 * 1_000)
    let stamp = String(now, radix: 36)
    var started: [String] = []
    for (index, host) in places(count).enumerated() {
      let name = Self.name(host, stamp, index)
      let answer = try ssh.run(options + [host, command(order, name: name)])
      let process = answer.output.split(whereSeparator: \.isWhitespace).last.flatMap { Int32($0) }
      guard answer.status == 0, let process else {
        let so = started.isEmpty ? "" : "; \(started.count) others were started and are ended again"
        if !started.isEmpty { try? release(Self.workers(started.joined(separator: " "))) }
        throw LaunchError(.failed, what: "ssh \(host)", detail: answer.problem + so)
      }
      started.append("\(host)|\(process)|\(name)")
    }
    return Launch(handle: started.joined(separator: " "), count: started.count, order: order, at: now)
  }

  /// One host after the other, and round again.
  private func places(_ count: Int) -> [String] { (0..<count).map { settings.hosts[$0 % settings.hosts.count] } }

  static func name(_ host: String, _ stamp: String, _ index: Int) -> String {
    let plain = host.unicodeScalars.map { scalar in
      scalar.isASCII
        && (Character(scalar).isLetter || Character(scalar).isNumber || "._-".unicodeScalars.contains(scalar))
        ? Character(scalar) : "-"
    }
    return "ssh-\(String(plain.suffix(80)))-\(stamp)-\(index)"
  }

  /// A session of its own, so that it outlives this connection; its number is all that is said.
  private func command(_ order: WorkerOrder, name: String) -> String {
    let words = ([order.executable] + order.words + ["--name", name]).map(shellQuoted).joined(separator: " ")
    let log = shellQuoted(order.logs + "/worker-" + name + ".log")
    return
      "mkdir -p \(shellQuoted(order.logs)) && OPENBLAS_NUM_THREADS=1 && export OPENBLAS_NUM_THREADS && "
      + "{ setsid \(words) </dev/null >>\(log) 2>&1 & echo $!; }"
  }

  package func survey(_ launches: [Launch]) throws(LaunchError) -> [EngineWorker] {
    let workers = launches.flatMap { Self.workers($0.handle) }
    var alive: [EngineWorker] = []
    var asked: Set<String> = []
    for host in workers.map(\.host) where asked.insert(host).inserted {
      let here = workers.filter { $0.host == host }
      let numbers = here.compactMap { Self.process($0) }
      // The number may belong to another program by now: its arguments must name the worker.
      let script =
        "for p in \(numbers.joined(separator: " ")); do tr '\\0' ' ' </proc/$p/cmdline 2>/dev/null && echo; done"
      let said = try ssh.run(options + [host, script + "; true"])
      guard said.status == 0 else { throw LaunchError(.failed, what: "ssh \(host)", detail: said.problem) }
      let lines = said.output.split(separator: "\n")
      alive += here.filter { worker in lines.contains { $0.contains("--name \(worker.name) ") } }
    }
    return alive
  }

  package func release(_ workers: [EngineWorker]) throws(LaunchError) {
    for host in Set(workers.map(\.host)).sorted() {
      let numbers = workers.filter { $0.host == host }.compactMap { Self.process($0) }
      let answer = try ssh.run(options + [host, "kill -TERM \(numbers.joined(separator: " ")) 2>/dev/null; true"])
      guard answer.status == 0 else { throw LaunchError(.failed, what: "ssh \(host)", detail: answer.problem) }
    }
  }

  private static func process(_ worker: EngineWorker) -> String? {
    worker.id.split(separator: ":").last.map(String.init)
  }

  /// Of a launch's handle: `host|pid|name` for each.
  static func workers(_ handle: String) -> [EngineWorker] {
    handle.split(separator: " ").compactMap { item in
      let parts = item.split(separator: "|").map(String.init)
      guard parts.count == 3, Int32(parts[1]) != nil else { return nil }
      return EngineWorker(
        id: "\(parts[0]):\(parts[1])", name: parts[2], state: .running, host: parts[0], launch: handle)
    }
  }

  private func check(_ order: WorkerOrder) throws(LaunchError) {
    try order.check()
    guard !settings.hosts.isEmpty else { throw LaunchError(.badOrder, what: "--ssh", detail: "expected a host") }
    for host in settings.hosts {
      let isSound =
        !host.isEmpty && !host.hasPrefix("-") && !host.contains { $0.isWhitespace || "|;&'\"\\".contains($0) }
      guard isSound else {
        throw LaunchError(.badOrder, what: host.debugDescription, detail: "expected a host, as node7 or me@node7")
      }
    }
  }
}
