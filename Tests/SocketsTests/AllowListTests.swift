// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import Sockets
import Testing

private let now = CalendarTime(seconds: 1_800_000_000)

private func key(_ number: UInt8) -> PublicKey {
  guard let key = PublicKey(bytes: [UInt8](repeating: number, count: 32)) else { preconditionFailure("32 bytes") }
  return key
}

/// A folder that is gone when the test is.
private final class Folder {
  let path: String
  init() {
    path = NSTemporaryDirectory() + "muster-access-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, _ name: String, mode: Int = 0o600) throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }

  func mode(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
    return try #require(attributes[.posixPermissions] as? Int)
  }
}

@Suite struct AllowListTests {
  @Test func list_readsKeysAndComments_andKeepsBoth() throws {
    let text = """
      # who may join
      \(key(1)) node-1 worker 2027-06-30T12:00:00Z

      \(key(2))\tviewer observer never
      """
    let list = try AllowList(text: text, path: "allowed")
    #expect(list.keys.map(\.name) == ["node-1", "viewer"])
    #expect(list[key(1)]?.role == .worker && list[key(2)]?.role == .observer && list[key(3)] == nil)
    #expect(list[key(1)]?.expiry?.description == "2027-06-30T12:00:00Z" && list[key(2)]?.expiry == nil)
    #expect(list.text == text.replacingOccurrences(of: "\t", with: " ") + "\n")
  }

  /// A list half understood would let in, or lock out, by accident: the line is named and nothing of it used.
  @Test(arguments: [
    "KEY node worker", "KEY node worker never more", "abc node worker never", "KEY no/de worker never",
    "KEY node admin never", "KEY node worker soon", "KEY node worker 2027-02-30T00:00:00Z", "KEY .node worker never",
  ])
  func badLine_isNamed(line: String) {
    let text = "# one\n" + line.replacingOccurrences(of: "KEY", with: "\(key(1))")
    #expect {
      try AllowList(text: text, path: "allowed")
    } throws: { "\($0)".hasPrefix("allowed:2: ") }
  }

  @Test func keyOrNameTwice_isRefused() {
    for text in [
      "\(key(1)) a worker never\n\(key(1)) b worker never", "\(key(1)) a worker never\n\(key(2)) a worker never",
    ] {
      #expect { try AllowList(text: text, path: "allowed") } throws: { ($0 as? AccessError)?.code == .exists }
    }
  }

  @Test func expiry_isGoodToItsLastSecond() throws {
    let entry = AllowedKey(name: "a", role: .worker, expiry: now, key: key(1))
    #expect(!entry.isExpired(at: now))
    #expect(entry.isExpired(at: CalendarTime(seconds: now.seconds + 1)))
  }

  @Test func expiryOption_readsSpansAndDates() throws {
    #expect(try readExpiry("never", from: now) == nil)
    #expect(try readExpiry("2h", from: now)?.seconds == now.seconds + 7_200)
    #expect(try readExpiry("90d", from: now)?.seconds == now.seconds + 90 * 86_400)
    #expect(try readExpiry("2027-06-30", from: now)?.description == "2027-06-30T23:59:59Z")
    for text in ["", "d", "0d", "-1d", "90", "90 d", "2027-13-01", "tomorrow"] {
      #expect { try readExpiry(text, from: now) } throws: { ($0 as? AccessError)?.code == .badExpiry }
    }
  }
}

@Suite struct KeyFolderTests {
  @Test func folder_makesListsAndRevokes_inFilesForItsOwnerAlone() throws {
    let folder = Folder()
    let keys = KeyFolder(path: folder.path + "/keys")
    let coordinator = try keys.makeCoordinator()
    let entry = try keys.addKey(name: "node-1", role: .worker, expiry: nil, known: nil)
    for name in ["keys/coordinator.key", "keys/coordinator.pub", "keys/allowed", "keys/node-1.key"] {
      #expect(try folder.mode(name) == 0o600)
    }
    #expect(try folder.mode("keys") == 0o700)
    #expect(try KeyFile(path: keys.coordinatorPath).keys.publicKey == coordinator)
    #expect(try readPublicKey(keys.coordinatorPublicPath) == coordinator)
    #expect(try KeyFile(path: keys.keyPath("node-1")).keys.publicKey == entry.key)
    #expect(try keys.readList()?[entry.key]?.name == "node-1")
    #expect(try keys.revoke(name: "node-1", at: now) == entry)
    let list = try #require(try keys.readList())
    #expect(list.keys.isEmpty && list.text.contains("# revoked"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: keys.path).sorted() == [
        "allowed", "coordinator.key", "coordinator.pub", "node-1.key",
      ])
  }

  /// In real life: the command is run twice. A coordinator's key that is replaced locks every worker out.
  @Test func secondKeyOfAName_isRefused_andTheFirstKept() throws {
    let folder = Folder()
    let keys = KeyFolder(path: folder.path)
    let first = try keys.makeCoordinator()
    #expect { try keys.makeCoordinator() } throws: { ($0 as? AccessError)?.code == .exists }
    #expect(try KeyFile(path: keys.coordinatorPath).keys.publicKey == first)
    _ = try keys.addKey(name: "a", role: .worker, expiry: nil, known: nil)
    #expect { try keys.addKey(name: "a", role: .worker, expiry: nil, known: nil) } throws: {
      ($0 as? AccessError)?.code == .exists
    }
    #expect { try keys.addKey(name: "../a", role: .worker, expiry: nil, known: key(1)) } throws: {
      ($0 as? AccessError)?.code == .badName
    }
    #expect { try keys.revoke(name: "b", at: now) } throws: { ($0 as? AccessError)?.code == .unknownName }
  }

  @Test(arguments: [0o644, 0o640, 0o604, 0o660, 0o602])
  func looseFile_isRefused(mode: Int) throws {
    let folder = Folder()
    let keys = KeyFolder(path: folder.path)
    _ = try keys.makeCoordinator()
    for path in [keys.coordinatorPath, keys.allowListPath] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
    let isLoose = { (error: any Error) in (error as? AccessError)?.code == .loose && "\(error)".contains("chmod 600") }
    #expect { try KeyFile(path: keys.coordinatorPath) } throws: { isLoose($0) }
    #expect { try KeyRing(path: keys.allowListPath) } throws: { isLoose($0) }
  }

  /// No error may quote a secret, and a damaged file may not pass for another key.
  @Test func damagedKeyFile_isRefused_withoutItsSecret() throws {
    let folder = Folder()
    let file = KeyFile(name: "a", keys: try KeyPair.random())
    let path = folder.path + "/a.key"
    try file.write(to: path)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let secret = file.keys.secretKey.hex
    let flipped = (secret.hasPrefix("0") ? "1" : "0") + secret.dropFirst()
    let damaged = [
      "", "x", text + "secret \(secret)\n", text.replacingOccurrences(of: secret, with: flipped),
      text.replacingOccurrences(of: secret, with: String(secret.dropLast())),
      text.replacingOccurrences(of: "muster-key 1", with: "muster-key 2"),
    ]
    for (index, text) in damaged.enumerated() {
      let path = try folder.write(text, "\(index).key")
      #expect { try KeyFile(path: path) } throws: { error in
        (error as? AccessError)?.code == .malformed && !"\(error)".contains(secret.prefix(8))
      }
    }
    #expect { try KeyFile(path: folder.path) } throws: { ($0 as? AccessError)?.code == .failed }
    #expect { try KeyFile(path: folder.path + "/none") } throws: { ($0 as? AccessError)?.code == .missing }
  }
}

@Suite struct KeyRingTests {
  private func standing(_ ring: KeyRing, _ number: UInt8, monotonic: Int64 = 0) -> KeyStanding {
    ring.standing(of: key(number), at: now, monotonic: monotonic)
  }

  @Test func ring_followsItsFile() throws {
    let folder = Folder()
    let path = try folder.write("\(key(1)) a worker never\n", "allowed")
    let ring = try KeyRing(path: path)
    #expect(standing(ring, 1).allowed?.name == "a" && standing(ring, 2) == .unknown)
    #expect(try !ring.reload())
    _ = try folder.write("\(key(2)) b worker never\n", "allowed")
    #expect(try ring.reload())
    #expect(standing(ring, 1) == .unknown && standing(ring, 2).allowed?.name == "b")
  }

  /// In real life: an editor saves half a file, or the file is gone for a moment. The last good list stays, said once.
  @Test func brokenFile_leavesTheListInForce() throws {
    let folder = Folder()
    let path = try folder.write("\(key(1)) a worker never\n", "allowed")
    let ring = try KeyRing(path: path)
    _ = try folder.write("\(key(1)) a wor", "allowed")
    #expect(throws: AccessError.self) { try ring.reload() }
    #expect(try !ring.reload())
    #expect(standing(ring, 1).allowed != nil)
    _ = try folder.write("", "allowed", mode: 0o644)
    #expect(throws: AccessError.self) { try ring.reload() }
    try FileManager.default.removeItem(atPath: path)
    #expect(throws: AccessError.self) { try ring.reload(isForced: true) }
    #expect(standing(ring, 1).allowed != nil)
  }

  @Test func barredKey_isHeardAgainAfterItsTime() throws {
    let ring = KeyRing(try AllowList(text: "\(key(1)) a worker never", path: "allowed"))
    ring.bar(key(1), until: 100)
    ring.bar(key(9), until: 100)
    #expect(standing(ring, 1, monotonic: 99).allowed == nil)
    #expect(standing(ring, 1, monotonic: 100).allowed != nil)
    #expect(standing(ring, 9, monotonic: 99) == .unknown)
  }
}
