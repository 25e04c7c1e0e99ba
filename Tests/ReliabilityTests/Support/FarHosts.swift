// SPDX-License-Identifier: Apache-2.0

import Foundation
import InstallationKit
import Tracking

/// A sweep on the first of two hosts, with keys, and workers on the second, which sees nothing of the first's files: the folders
/// with the data set, the tracker and the artifacts are empty for its processes.
final class FarHosts {
  let hosts: TwoHosts
  let sweep: LiveSweep
  private let hidden: [String]
  private let keys: String

  init(_ name: String, _ shape: LiveSweep.Shape, dataset: String? = nil) throws {
    hosts = try TwoHosts(isLoopback: false)
    let installation = try Installation.shared.get()
    let near = installation.folder + "/near-" + name
    sweep = try LiveSweep(
      name, shape, folder: near, address: "tcp://\(TwoHosts.firstFarAddress):5555", dataset: dataset)
    hidden = [installation.folder + "/datasets", near]
    keys = sweep.logs + "/keys"
    for name in ["coordinator", "far"] {
      let made = try installation.run(["keys", "new", name, "--keys", keys])
      guard made.status == 0 else { throw ToolFailure(words: ["muster keys new", name], said: made.error) }
    }
  }

  deinit { sweep.endAll() }

  func keyPath(_ name: String) -> String { "\(keys)/\(name).key" }
  var coordinatorKeyPath: String { keys + "/coordinator.pub" }

  /// - Parameter megabytesPerSecond: what the bulk socket sends at most.
  func startCoordinator(megabytesPerSecond: Int? = nil) throws {
    let rate = megabytesPerSecond.map { ["--bulk-rate", "\($0)"] } ?? []
    try sweep.startCoordinator(through: hosts.onFirst, options: ["--keys", keys] + rate)
  }

  /// On the second host. Workers of one `cache` share it.
  @discardableResult
  func startWorker(_ slot: Int, cache: String = "cache", _ options: [String] = []) throws -> Program {
    let hide = hidden.map { "mount -t tmpfs none '\($0)'" }.joined(separator: " && ")
    let words =
      hosts.onSecond + ["unshare", "-m", "sh", "-c", hide + " && exec \"$@\"", "sh"] + [
        sweep.installation.executables + "/muster-worker", "start", "--coordinator", sweep.endpoint, "--key-file",
        keys + "/far.key", "--coordinator-key", keys + "/coordinator.pub", "--cache", cachePath(cache), "--name",
        "w\(slot)", "--spot", "\(sweep.logs)/spots/\(slot)",
      ] + options
    return try sweep.startWorker(slot, words: words)
  }

  func cachePath(_ cache: String = "cache") -> String { sweep.installation.folder + "/\(cache)-\(sweep.plan.name)" }

  /// The files of the one data set in a cache, by name: their bytes on the disk.
  func cached(_ cache: String = "cache") -> [String: Int] {
    let data = cachePath(cache) + "/data"
    var sizes: [String: Int] = [:]
    for folder in (try? FileManager.default.contentsOfDirectory(atPath: data)) ?? [] {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(data)/\(folder)")) ?? [] {
        let attributes = try? FileManager.default.attributesOfItem(atPath: "\(data)/\(folder)/\(name)")
        sizes[name] = attributes?[.size] as? Int
      }
    }
    return sizes
  }

  /// Where the cached data set lies.
  func cachedFolder(_ cache: String = "cache") -> String? {
    let data = cachePath(cache) + "/data"
    return (try? FileManager.default.contentsOfDirectory(atPath: data))?.first.map { "\(data)/\($0)" }
  }

  var isFetching: Bool { cached().contains { $0.key.hasSuffix(".part") && $0.key.contains("shard") && $0.value > 0 } }
  var hasFetched: Bool { cached()["manifest.json"] != nil }

  var datasetBytes: Int {
    let folder = sweep.installation.dataset
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).reduce(0) { sum, name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
      return sum + (attributes?[.size] as? Int ?? 0)
    }
  }

  /// What the coordinator says it sent over the bulk socket.
  var sentBytes: Int? {
    sweep.coordinatorSaid.components(separatedBy: "bulk: ").last?.split(separator: " ").first.flatMap { Int($0) }
  }

  /// Artifacts that results name and the coordinator's folder does not hold, by digest and size.
  func missingArtifacts() throws -> [String] {
    try sweep.plan.query("SELECT sha256, bytes FROM artifact").compactMap { row in
      guard case .text(let digest) = row[0], case .integer(let bytes) = row[1] else { return "unreadable row" }
      let path = "\(sweep.folder)/artifacts/\(digest.prefix(2))/\(digest.dropFirst(2))"
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      return attributes?[.size] as? Int == Int(bytes) ? nil : digest
    }
  }
}
