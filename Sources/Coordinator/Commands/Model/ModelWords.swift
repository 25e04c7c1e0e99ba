// SPDX-License-Identifier: Apache-2.0

import Foundation
import Reporting
import Tracking

/// The words after `muster model VERB`: the model's name is turned into its file's path, and what only this program knows is taken out.
struct ModelWords {
  private var words: [String]
  private let tracker: String?
  /// Also for the worker, where the model is named by its SHA-256.
  private let artifacts: String?

  init(_ words: [String]) {
    var rest = words
    tracker = Self.take("--tracker", from: &rest)
    artifacts = Self.value(of: "--artifacts", in: rest)
    self.words = rest
  }

  /// What `muster-worker model VERB` is given.
  func resolved(readsRows: Bool) throws -> [String] {
    // Without a model, or with a flag in its place, the worker says what it takes.
    guard let name = words.first, !name.hasPrefix("-") else { return words }
    if FileManager.default.fileExists(atPath: name) { return words }
    // A SHA-256 in a folder that is named is the worker's to find.
    if artifacts != nil, ModelAddress.isDigest(name) { return words }
    guard let path = tracker ?? ProcessInfo.processInfo.environment["MUSTER_TRACKER"] else {
      throw CommandFailure(
        .inputMissing, "there is no file \(name), and no tracker is named to look for it in",
        help: "give --tracker FILE, or set MUSTER_TRACKER; the model comes before all options")
    }
    let found = try asCommand { try TrackedModel.named(name, in: TrackerReader(path: path), artifacts: artifacts) }
    var rest = Array(words.dropFirst())
    _ = Self.take("--artifacts", from: &rest)
    let isHelp = rest.contains { ["-h", "--help"].contains($0) }
    guard readsRows, !isHelp, Self.value(of: "--data", in: rest) == nil else { return [found.path] + rest }
    return [found.path, "--data", try found.datasetFolder()] + rest
  }

  /// `--name VALUE` or `--name=VALUE`, taken out.
  private static func take(_ name: String, from words: inout [String]) -> String? {
    guard let place = words.firstIndex(where: { $0 == name || $0.hasPrefix(name + "=") }) else { return nil }
    let word = words.remove(at: place)
    if word != name { return String(word.dropFirst(name.count + 1)) }
    return place < words.count ? words.remove(at: place) : nil
  }

  private static func value(of name: String, in words: [String]) -> String? {
    var words = words
    return take(name, from: &words)
  }
}

/// SWEEP, SWEEP#TRIAL, SWEEP#TRIAL/fFOLD, or a model's SHA-256.
struct ModelAddress {
  let sweep: String
  let trial: Int?
  let fold: Int?

  /// nil for another text.
  init?(_ text: String) {
    let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let thing = TrackedThing(String(halves[0])) else { return nil }
    (sweep, trial) = (thing.sweep, thing.trial)
    guard halves.count == 2 else {
      fold = nil
      return
    }
    guard trial != nil, halves[1].hasPrefix("f"), let number = Int(halves[1].dropFirst()), number >= 0 else {
      return nil
    }
    fold = number
  }

  static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}
