// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Launching

@Suite struct SlurmScriptTests {
  private func order(_ settings: SlurmSettings = SlurmSettings(), data: String = "/shared/data sets") -> WorkerOrder {
    var order = WorkerOrder(
      engine: .slurm(settings), executable: "/opt/muster/bin/muster-worker", rendezvous: "/shared/demo.rendezvous",
      data: [data], artifacts: "/shared/artifacts", logs: "/shared/100% logs")
    order.keyFile = "/shared/keys/cluster.key"
    order.memory = "4G"
    return order
  }

  private func text(_ settings: SlurmSettings = SlurmSettings(), data: String = "/shared/data sets", count: Int = 20)
    throws -> String
  {
    try SlurmScript(settings: settings, order: order(settings, data: data), count: count).text()
  }

  @Test func script_saysAllThatWasAsked() throws {
    var settings = SlurmSettings()
    (settings.partition, settings.timeLimit, settings.runningMax) = ("low", "04:00:00", 5)
    settings.options = ["--qos=cheap"]
    let lines = try text(settings).split(separator: "\n").map(String.init)
    for line in [
      "#SBATCH --array=0-19%5", "#SBATCH --requeue", "#SBATCH --open-mode=append", "#SBATCH --signal=B:TERM@120",
      "#SBATCH --mem=4G", "#SBATCH --time=04:00:00", "#SBATCH --partition=low", "#SBATCH --qos=cheap",
      "#SBATCH --output=\"/shared/100%% logs\"/worker-%A-%a.log",
      "exec /opt/muster/bin/muster-worker start --rendezvous /shared/demo.rendezvous --data '/shared/data sets' "
        + "--artifacts /shared/artifacts --key-file /shared/keys/cluster.key --drain-seconds 20 "
        + "--name \"${name}\" --spot \"${spot}\"",
    ] { #expect(lines.contains(line), "\(line)\nis not in\n\(lines.joined(separator: "\n"))") }
    #expect(lines.first == "#!/bin/bash")
    #expect(!lines.contains { $0.contains("{{") && !$0.hasPrefix("#") || $0.hasPrefix("#SBATCH {{") })
  }

  /// In real life: nodes that share no disk; the worker fetches what it needs, and an empty word would name a folder.
  @Test func workersThatFetch_areToldNoFolders() throws {
    var order = order()
    (order.data, order.artifacts) = ([], nil)
    #expect(
      order.words == [
        "start", "--rendezvous", "/shared/demo.rendezvous", "--key-file", "/shared/keys/cluster.key", "--drain-seconds",
        "20",
      ])
    #expect(try JSONDecoder().decode(WorkerOrder.self, from: JSONEncoder().encode(order)) == order)
  }

  /// In real life: a folder's name holds what a shell would run. Bash is asked what it makes of the line.
  @Test func pathsOfAnyText_reachTheWorkerUnchanged() throws {
    for path in ["a b", "it's", "$(touch /tmp/x)", "`id`", "a\"b", "a\\b", "*", "{{name}}", "--x;y&z|w", "ü"] {
      let line = try #require(try text(data: path).split(separator: "\n").first { $0.hasPrefix("exec ") })
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      process.arguments = ["-c", "name=n; spot=s; printf '%s\\n' " + line.dropFirst("exec ".count)]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let words = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(
        separator: "\n")
      process.waitUntilExit()
      let place = try #require(words.firstIndex(of: "--data"))
      #expect(words[place + 1] == path)
    }
  }

  @Test(arguments: ["a\nb", "a\rb", "\u{1}"])
  func controlCharacters_areRefused(path: String) {
    #expect(throws: LaunchError.self) { try text(data: path) }
  }

  @Test(arguments: ["--array=0-5", "--signal=USR1", "-p low", "--wrap=x", "--qos=a\n#SBATCH --uid=0"])
  func optionsOfTheTemplate_areRefused(option: String) {
    var settings = SlurmSettings()
    settings.options = [option]
    #expect(throws: LaunchError.self) { try text(settings) }
  }

  @Test(arguments: ["low\n", "a b", "", "-x"])
  func strangeNames_areRefused(name: String) {
    var settings = SlurmSettings()
    settings.partition = name
    #expect(throws: LaunchError.self) { try text(settings) }
  }

  /// Goal: a key is never in a script. It has paths alone.
  @Test func template_isTheOneOfTheClusterFolder() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = try String(contentsOf: root.appendingPathComponent("cluster/slurm/worker.sbatch"), encoding: .utf8)
    #expect(file == SlurmScript.template)
  }

  @Test func squeue_isRead() throws {
    let launches = ["8", "12"].map { Launch(handle: $0, count: 2, order: order(), at: 0) }
    let text = """
      12|0|PENDING||Resources
      8|10|RUNNING|n1|None
      8|9|COMPLETING|n2|None
      7|0|RUNNING|n3|None
      8|N/A|RUNNING|n3|None
      8|3|CANCELLED|n3|None

      """
    let workers = SlurmEngine.parse(text, launches: launches)
    #expect(workers.map(\.id) == ["8_9", "8_10", "12_0"])
    #expect(workers.map(\.state) == [.leaving, .running, .waiting])
    #expect(workers.map(\.name) == ["slurm-8-9", "slurm-8-10", "slurm-12-0"])
    #expect(workers.map(\.note) == ["", "", "Resources"])
  }

  @Test func whoWaits_goesFirst_thenTheIdle_thenTheYoungest() {
    func worker(_ id: String, _ state: EngineWorker.State) -> EngineWorker {
      EngineWorker(id: id, name: id, state: state, host: "", launch: "1")
    }
    let crew = [
      worker("a", .running), worker("b", .running), worker("c", .waiting), worker("d", .running), worker("e", .leaving),
      worker("f", .waiting),
    ]
    #expect(releaseOrder(crew, busy: ["a", "d"]).map(\.id) == ["f", "c", "b", "d", "a"])
  }
}
