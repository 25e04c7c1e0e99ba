// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sweeps
import Testing

@testable import Shards

@Suite struct RefusalTests {
  /// In real life: one bit of a shard rots on a disk, anywhere. No fold may train on it; the message names the shard and
  /// both hashes, so that someone can find the good copy.
  @Test func flippedByte_atAnyOffset_isRefusedWithBothHashes() throws {
    let scratch = try Scratch()
    let manifest = try Sample.write(scratch.path + "/d")
    let entry = manifest.files[1]
    let good = try scratch.bytes("d/" + entry.name)
    for offset in Array(stride(from: 0, to: good.count, by: 97)) + [good.count - 1] {
      var bad = good
      bad[offset] ^= 1 << UInt8(offset % 8)
      try scratch.write(bad, "d/" + entry.name)
      let error = shardError { _ = try Dataset(directory: scratch.path + "/d") }
      let found = [UInt8](bad).withUnsafeBytes { $0.sha256 }
      #expect(error?.code == .digestMismatch, "offset \(offset)")
      let text = error?.description ?? ""
      #expect(text.contains(entry.name) && text.contains(entry.sha256.hex) && text.contains(found.hex), "\(text)")
    }
    try scratch.write(good, "d/" + entry.name)
    #expect(shardError { _ = try Dataset(directory: scratch.path + "/d") } == nil)
  }

  /// In real life: a copy broke off; a shard was forgotten; two were swapped; one is a link or a folder.
  @Test func damagedFiles_areEachRefusedByName() throws {
    let scratch = try Scratch()
    let manifest = try Sample.write(scratch.path + "/d", rows: 45)
    let (first, second) = (manifest.files[0].name, manifest.files[1].name)
    let good = try scratch.bytes("d/" + first)
    let other = try scratch.bytes("d/" + second)
    func code(_ damage: () throws -> Void) throws -> ShardError.Code? {
      try damage()
      let error = shardError { _ = try Dataset(directory: scratch.path + "/d") }
      #expect(error?.description.contains(first) == true)
      let verification = try DatasetVerification(directory: scratch.path + "/d")
      #expect(!verification.isIntact && verification.files[0].problem == error)
      try? FileManager.default.removeItem(atPath: scratch.path + "/d/" + first)
      try scratch.write(good, "d/" + first)
      try scratch.write(other, "d/" + second)
      return error?.code
    }
    let path = scratch.path + "/d/" + first
    #expect(try code { try scratch.write(good.dropLast(), "d/" + first) } == .sizeMismatch)
    #expect(try code { try scratch.write(Data(), "d/" + first) } == .sizeMismatch)
    #expect(try code { try FileManager.default.removeItem(atPath: path) } == .fileMissing)
    #expect(
      try code {
        try scratch.write(other, "d/" + first)
        try scratch.write(good, "d/" + second)
      } == .digestMismatch)
    #expect(
      try code {
        try scratch.write(good, "elsewhere.h5")
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: scratch.path + "/elsewhere.h5")
      } == .system)
    #expect(
      try code {
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      } == .system)
    #expect(try DatasetVerification(directory: scratch.path + "/d").isIntact)
  }

  /// In real life: a manifest from a later version, from another tool, or half of one.
  @Test func foreignManifest_isRefused_withItsKey() throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/d")
    let good = String(decoding: try scratch.bytes("d/manifest.json"), as: UTF8.self)
    func refusal(_ text: String) throws -> ShardError? {
      try scratch.write(Data(text.utf8), "d/manifest.json")
      return shardError { _ = try Dataset(directory: scratch.path + "/d") }
    }
    func refusal(_ old: String, _ new: String) throws -> ShardError? {
      #expect(good.contains(old), "\(old)")
      return try refusal(good.replacingOccurrences(of: old, with: new))
    }
    #expect(try refusal("\"format\": 2", "\"format\": 4")?.code == .formatUnknown)
    #expect(try refusal("{\"format\": 7}")?.code == .formatUnknown)
    for garbage in ["", "{", "[]", "null", "\u{0}\u{1}", good + "}", String(good.dropLast(good.count / 2))] {
      #expect(try refusal(garbage)?.code == .manifestInvalid, "\(garbage.prefix(20))")
    }
    let cases = [
      ("readmission_30d", "survival", "outcome"), ("\"rows\": 40", "\"rows\": 41", "rows"),
      ("\"rows\": 40", "\"rows\": -40", "rows"), ("\"patients\": 20", "\"patients\": 0", "patients"),
      ("\"patients\": 20", "\"patients\": \"20\"", "patients"), ("\"steps\": 4", "\"steps\": 0", "steps"),
      ("\"steps\": 4", "\"steps\": 9223372036854775807", "steps"),
      ("\"name\": \"c1\"", "\"name\": \"c0\"", "columns[1]"),
      ("\"kind\": \"binary\"", "\"kind\": \"regression\"", "labels"), ("\"created_by\"", "\"made_by\"", "created_by"),
      ("\"sha256\": \"", "\"sha256\": \"x", "files[0].sha256"),
      ("\"rows_sha256\": \"", "\"rows_sha256\": \"x", "files[0].rows_sha256"),
      ("\"offsets\": [", "\"offsets\": [0, ", "files[0].offsets"), ("\"offsets\"", "\"offset\"", "files[0].offsets"),
      ("shard-0001.h5", "shard-0000.h5", "files[1].name"),
    ]
    for (old, new, key) in cases {
      let error = try refusal(old, new)
      #expect(error?.code == .manifestInvalid, "\(new)")
      #expect(error?.subject.contains(key) == true, "\(error?.description ?? new)")
    }
    try FileManager.default.removeItem(atPath: scratch.path + "/d/manifest.json")
    #expect(shardError { _ = try Dataset(directory: scratch.path + "/d") }?.code == .manifestMissing)
    #expect(shardError { _ = try Dataset(directory: scratch.path + "/none") }?.code == .manifestMissing)
  }

  /// Goal: no file outside the data set's directory is ever opened. Method: hostile names in a manifest.
  @Test(arguments: [
    "../x.h5", "/etc/passwd", "..", ".", "a/b.h5", "..\\\\x", "%2e%2e", ".hidden", "", "a\\u0000b", "manifest.json",
    "x y", "é.h5", String(repeating: "a", count: 129),
  ])
  func hostileFileName_isRefused(name: String) throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/d")
    let good = String(decoding: try scratch.bytes("d/manifest.json"), as: UTF8.self)
    try scratch.write(Data(good.replacingOccurrences(of: "shard-0001.h5", with: name).utf8), "d/manifest.json")
    let error = shardError { _ = try Dataset(directory: scratch.path + "/d") }
    #expect(error?.code == .manifestInvalid && error?.subject == "files[1].name", "\(error?.description ?? "no error")")
  }

  /// In real life: a manifest that was mended by hand, its hashes with it. The shapes still have to agree.
  @Test func manifestOfOtherShapes_isRefused_thoughHashesFit() throws {
    let scratch = try Scratch()
    try Sample.write(scratch.path + "/d")
    let good = String(decoding: try scratch.bytes("d/manifest.json"), as: UTF8.self)
    let cases = [
      ("\"steps\": 4", "\"steps\": 5", "/sequence/values"),
      (
        "\"name\": \"c2\"",
        "\"name\": \"c2\", \"item\": \"\", \"unit\": \"\", \"window\": \"\", \"statistic\": \"\"}, "
          + "{\"name\": \"c3\"", "/tabular/values"
      ),
    ]
    for (old, new, dataset) in cases {
      try scratch.write(Data(good.replacingOccurrences(of: old, with: new).utf8), "d/manifest.json")
      let error = shardError { _ = try Dataset(directory: scratch.path + "/d") }
      #expect(error?.code == .shapeMismatch && error?.subject == dataset, "\(error?.description ?? "no error")")
    }
    try scratch.write(
      Data(good.replacingOccurrences(of: "\"patients\": 20", with: "\"patients\": 19").utf8), "d/manifest.json")
    #expect(shardError { _ = try Dataset(directory: scratch.path + "/d") }?.code == .shapeMismatch)
  }

  /// In real life: a file that is no HDF5 file, or a hostile one, under a manifest that was made to fit it. Goal: an error,
  /// never a crash. Method: bytes of a good shard changed at random places, with a manifest that names the new hash.
  @Test func shardOfGarbage_withAFittingManifest_neverCrashes() throws {
    let scratch = try Scratch()
    let manifest = try Sample.write(scratch.path + "/d", rows: 12)
    let text = String(decoding: try scratch.bytes("d/manifest.json"), as: UTF8.self)
    let good = try scratch.bytes("d/shard-0000.h5")
    var state: UInt64 = 42
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for round in 0..<300 {
      var bad = round == 0 ? Data(repeating: 7, count: good.count) : good
      // Where the header, the groups and the object headers lie.
      for _ in 0..<(1 + next(4)) { bad[next(min(2048, bad.count))] = UInt8(next(256)) }
      try scratch.write(bad, "d/shard-0000.h5")
      let digest = [UInt8](bad).withUnsafeBytes { $0.sha256 }
      try scratch.write(
        Data(text.replacingOccurrences(of: manifest.files[0].sha256.hex, with: digest.hex).utf8), "d/manifest.json")
      let error = shardError { _ = try Dataset(directory: scratch.path + "/d") }
      if round == 0 { #expect(error?.code == .hdf5) }
      #expect(error?.code != .digestMismatch, "round \(round)")
    }
  }
}
