// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What kubectl has to know beside its own configuration.
package struct KubernetesSettings: Codable, Hashable, Sendable {
  package var namespace = "muster"
  package var image = "registry.example.org/muster:0.1.0"
  /// `--context` of kubectl; `nil`: the current one.
  package var context: String?

  package init() {}
}

/// Workers as an elastic indexed Job, by kubectl: the manifest of cluster/kubernetes/worker.yaml, whose parallelism and
/// completions are raised and lowered together. Which pods go is not ours to choose: those of the highest indexes.
package struct KubernetesEngine: WorkerEngine {
  package let settings: KubernetesSettings
  package init(settings: KubernetesSettings) { self.settings = settings }

  static let template = String(decoding: PackageResources.worker_yaml, as: UTF8.self)
  private static let job = "muster-worker"

  private var kubectl: Tool { Tool(name: "kubectl", help: "install kubectl and give it a context") }

  private var options: [String] {
    (settings.context.map { ["--context=\($0)"] } ?? []) + ["--namespace=\(settings.namespace)"]
  }

  package func script(_ order: WorkerOrder, count: Int) throws(LaunchError) -> String {
    try order.check()
    let names = [settings.namespace, settings.image]
    for name in names where name.isEmpty || name.contains(where: { $0.isWhitespace || "\"'#{}[]&*".contains($0) }) {
      throw LaunchError(.badOrder, what: name.debugDescription, detail: "expected a name without blanks and quotes")
    }
    // A node that has no unit calls it bytes; Kubernetes writes binary units Ki, Mi, Gi.
    let memory = (order.memory ?? "2G").uppercased() + "i"
    let size = "{cpu: \"\(order.cpuCount)\", memory: \(memory)}"
    return Self.template
      .replacing("parallelism: 2", with: "parallelism: \(count)")
      .replacing("completions: 2", with: "completions: \(count)")
      .replacing("namespace: muster", with: "namespace: \(settings.namespace)")
      .replacing("muster-coordinator.muster.svc", with: "muster-coordinator.\(settings.namespace).svc")
      .replacing("image: registry.example.org/muster:0.1.0", with: "image: \(settings.image)")
      .replacing("requests: {cpu: \"1\", memory: 2Gi}", with: "requests: \(size)")
      .replacing("limits: {cpu: \"1\", memory: 2Gi}", with: "limits: \(size)")
      .replacing("--drain-seconds=20", with: "--drain-seconds=\(order.drainSeconds)")
  }

  package func launch(_ order: WorkerOrder, count: Int) throws(LaunchError) -> Launch {
    if let current = try currentCount() {
      try resize(to: current + count)
    } else {
      _ = try kubectl.require(options + ["apply", "--filename=-"], input: try script(order, count: count))
    }
    return Launch(
      handle: "\(settings.namespace)/\(Self.job)", count: count, order: order,
      at: Int64(Date().timeIntervalSince1970 * 1_000))
  }

  /// `nil` where there is no such Job.
  private func currentCount() throws(LaunchError) -> Int? {
    let text = try kubectl.require(
      options + ["get", "job", Self.job, "--ignore-not-found", "--output=jsonpath={.spec.completions}"])
    return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private func resize(to count: Int) throws(LaunchError) {
    let patch = "{\"spec\":{\"parallelism\":\(count),\"completions\":\(count)}}"
    _ = try kubectl.require(options + ["patch", "job", Self.job, "--type=merge", "--patch=\(patch)"])
  }

  package func survey(_ launches: [Launch]) throws(LaunchError) -> [EngineWorker] {
    guard let launch = launches.first else { return [] }
    let columns = "NAME:.metadata.name,PHASE:.status.phase,NODE:.spec.nodeName,END:.metadata.deletionTimestamp"
    let text = try kubectl.require(
      options + [
        "get", "pods", "--selector=job-name=\(Self.job)", "--no-headers", "--output=custom-columns=\(columns)",
      ])
    return Self.parse(text, launch: launch.handle)
  }

  static func parse(_ text: String, launch: String) -> [EngineWorker] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard fields.count == 4, ["Pending", "Running"].contains(fields[1]) else { return nil }
      let state: EngineWorker.State = fields[3] != "<none>" ? .leaving : fields[1] == "Pending" ? .waiting : .running
      return EngineWorker(
        id: fields[0], name: fields[0], state: state, host: fields[2] == "<none>" ? "" : fields[2], launch: launch)
    }
  }

  package func release(_ workers: [EngineWorker]) throws(LaunchError) {
    guard let current = try currentCount() else { return }
    try resize(to: max(0, current - workers.count))
  }
}
