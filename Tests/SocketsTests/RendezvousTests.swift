// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import Sockets
import Testing

@Suite struct RendezvousTests {
  private let path = NSTemporaryDirectory() + "rendezvous-\(UUID().uuidString)"

  private func sample(keyed: Bool = true) throws -> Rendezvous {
    var sample = Rendezvous(
      endpoint: try Endpoint("tcp://node3:5555"), publicKey: keyed ? try KeyPair.random().publicKey : nil, epoch: 7,
      state: .open, sweep: "mort48")
    (sample.workerCount, sample.usableCount) = (12, 40)
    return sample
  }

  @Test(arguments: [true, false])
  func file_isReadAsWritten_andHoldsNoSecret(keyed: Bool) throws {
    let sample = try sample(keyed: keyed)
    try sample.write(to: path)
    #expect(try Rendezvous(path: path) == sample)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o644)
    #expect(!sample.text.contains("secret"))
  }

  /// In real life: a careless umask lets the group write the file: anybody in it could name a coordinator of their own.
  @Test func fileThatOthersMayWrite_isNotBelieved() throws {
    try sample().write(to: path)
    chmod(path, 0o664)
    #expect(throws: AccessError.self) { try Rendezvous(path: path) }
  }

  @Test(
    arguments: [
      "", "muster-rendezvous 2\nendpoint tcp://a:1\nepoch 1\nstate open\n",
      "muster-rendezvous 1\nendpoint tcp://a:*\nepoch 1\nstate open\n",
      "muster-rendezvous 1\nendpoint tcp://*:1\nepoch 1\nstate open\n",
      "muster-rendezvous 1\nendpoint ipc://a\nepoch 1\nstate open\n",
      "muster-rendezvous 1\nendpoint tcp://a:1\nepoch 0\nstate open\n",
      "muster-rendezvous 1\nendpoint tcp://a:1\nepoch 1\nstate ajar\n",
      "muster-rendezvous 1\nendpoint tcp://a:1\nepoch 1\nstate open\npublic 12\n",
      "muster-rendezvous 1\nendpoint tcp://a:1\nendpoint tcp://b:1\nepoch 1\nstate open\n",
    ])
  func malformedFile_isRefused(text: String) {
    #expect(throws: AccessError.self) { try Rendezvous(text: text, path: "file") }
  }

  @Test func unknownWords_areForLaterVersions() throws {
    let text = try sample().text + "bulk tcp://node3:5556\n"
    #expect(try Rendezvous(text: text, path: "file").epoch == 7)
  }

  /// How many workers there are is no reason to connect anew; another start of the coordinator is.
  @Test func newEpochPortOrKey_leadsElsewhere() throws {
    let sample = try sample()
    var other = sample
    (other.workerCount, other.usableCount, other.state) = (1, 2, .stopped)
    #expect(!other.leadsElsewhere(than: sample))
    other.epoch = 8
    #expect(other.leadsElsewhere(than: sample))
    other = sample
    other.publicKey = nil
    #expect(other.leadsElsewhere(than: sample))
  }
}
