// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Contents
import Foundation
import Reporting
import Shards
import Sweeps

/// Where a worker's files are.
struct WorkerStores {
  let artifacts: String
  /// The folder is this worker's alone: what the coordinator has is removed from it.
  let isArtifactsOwn: Bool
  let cache: ContentCache?
}

struct PlaceOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "A data set's folder, or a folder of such. What is not there is fetched, with keys.", valueName: "dir"))
  var dataDirectories: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where predictions and models are kept, by content. Default, with keys: at the coordinator alone.",
      valueName: "dir"))
  var artifacts: String?

  @Option(
    help: ArgumentHelp(
      "Where fetched data sets are kept, for all workers of this host. Default: ~/.cache/muster.", valueName: "dir"))
  var cache: String?

  @Option(
    help: ArgumentHelp(
      "What they may take there; those used longest ago go first. 0: fetch nothing.", valueName: "bytes"))
  var cacheQuota = "50GB"

  @Option(
    name: .customLong("label"),
    help: ArgumentHelp("What sweeps may ask for with execution.where, as site=icu.", valueName: "name=value"))
  var labels: [String] = []

  func validate() throws {
    guard byteCount(cacheQuota) != nil else {
      throw ValidationError("--cache-quota: expected bytes, as 50GB or 512MiB, found \(cacheQuota)")
    }
    _ = try readLabels()
  }

  /// Ascending by name.
  func readLabels() throws -> [WorkerRoom.Label] {
    var found: [String: String] = [:]
    for label in labels {
      let parts = label.split(separator: "=", maxSplits: 1).map(String.init)
      let isPlain =
        parts.count == 2
        && parts.allSatisfy { part in
          part.utf8.count <= 128 && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        }
      guard isPlain, found.updateValue(parts[1], forKey: parts[0]) == nil else {
        throw ValidationError(
          "--label: expected name=value of A-Z a-z 0-9 . _ -, each name once, found \(label)")
      }
    }
    guard found.count <= 64 else { throw ValidationError("--label: expected at most 64") }
    return found.sorted { $0.key < $1.key }.map { WorkerRoom.Label(name: $0.key, value: $0.value) }
  }

  /// - Throws: `.inputMissing` for a worker that has no data and no way to get any.
  func check(_ catalog: DatasetCatalog, isKeyed: Bool) throws {
    guard catalog.digests.isEmpty else { return }
    let isFetching = isKeyed && (byteCount(cacheQuota) ?? 0) > 0
    if dataDirectories.isEmpty, isFetching { return }
    if let problem = catalog.problems.first { throw CommandFailure(.inputMissing, "--data: \(problem)") }
    let places = dataDirectories.isEmpty ? "no --data" : "no data set in \(dataDirectories.joined(separator: ", "))"
    // A folder that was named and holds nothing is a slip, even where the data could be fetched.
    throw CommandFailure(
      .inputMissing, "\(places): expected a manifest.json there",
      help: "muster data prepare --mimic DIR --out \(dataDirectories.first ?? "DIR"), or leave --data out and use "
        + "keys: the coordinator then hands its data set out")
  }

  func open(isKeyed: Bool) throws -> WorkerStores {
    let quota = byteCount(cacheQuota) ?? 0
    guard isKeyed else {
      guard let artifacts else {
        throw CommandFailure(
          .usage, "--artifacts is missing: without keys nothing travels, and the coordinator sees what is on its disk",
          help: "add --artifacts with the sweep's track.artifacts")
      }
      return WorkerStores(artifacts: artifacts, isArtifactsOwn: false, cache: nil)
    }
    let folder = cache ?? Self.defaultCache
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return WorkerStores(
        artifacts: artifacts ?? folder + "/outbox", isArtifactsOwn: artifacts == nil,
        cache: quota > 0 ? try ContentCache(directory: folder, quotaBytes: quota) : nil)
    } catch {
      // With data and artifacts at hand the cache is no more than a convenience.
      guard let artifacts, !dataDirectories.isEmpty else {
        throw CommandFailure(
          .inputMissing, "the cache \(folder) cannot be used: \(error)", help: "choose another with --cache")
      }
      return WorkerStores(artifacts: artifacts, isArtifactsOwn: false, cache: nil)
    }
  }

  private static var defaultCache: String {
    let environment = ProcessInfo.processInfo.environment
    if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") { return base + "/muster" }
    return (environment["HOME"] ?? NSTemporaryDirectory()) + "/.cache/muster"
  }
}
