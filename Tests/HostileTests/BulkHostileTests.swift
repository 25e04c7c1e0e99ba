// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import InstallationKit
import Sockets
import Sweeps
import Testing
import Tracking
import WireProtocol

/// The bulk socket under attack: what is served is the sweep's data set, to listed keys, by digest; what is taken is a
/// holder's.
@Suite(.serialized) struct BulkHostileTests {
  private static let somebody = Incarnation(high: 66, low: 6)
  private static let attempt = TaskAttempt(
    task: TrialTask(sweep: SweepID(1), trial: 0, fold: 0, rung: 0), attempt: Attempt(epoch: 1, number: 1))

  private func bulkDealer(_ sweep: GuardedSweep, _ keys: KeyPair) throws -> DealerSocket {
    try DealerSocket(
      MessageContext(), connecting: try Endpoint(sweep.endpoint).withPort(Int(sweep.port) + 1),
      security: .curve(keys, coordinator: readPublicKey(sweep.folder.coordinatorPublicPath)))
  }

  private func say(_ body: BulkMessage.Body, _ dealer: DealerSocket, as worker: Incarnation = somebody) {
    _ = dealer.send(encode(BulkMessage(worker: worker, epoch: 1, body: body)))
  }

  private func hear(_ dealer: DealerSocket, seconds: Int = 10) throws -> BulkMessage.Body? {
    let wake = try WakeSignal()
    for _ in 0..<(seconds * 10) {
      if let payload = try dealer.receive() { return try decodeBulkMessage(payload).body }
      dealer.wait(orFor: wake, milliseconds: 100)
    }
    return nil
  }

  private func digest(_ text: String) throws -> ContentDigest { try #require(ContentDigest(hex: text)) }

  @Test func strangersGetNothing_holdersGetTheDataSetAndNoMore() throws {
    let sweep = try GuardedSweep("bulk-attacked", keys: ["good", "insider"], trees: 300)
    let insider = try KeyFile(path: sweep.folder.keyPath("insider")).keys
    let manifest = try Data(contentsOf: URL(fileURLWithPath: sweep.muster.dataset + "/manifest.json"))
    let dataset = try #require(try sweepDigest(sweep))

    // A key that is not listed: not a word.
    let stranger = try bulkDealer(sweep, KeyPair.random())
    say(.want(ContentRange(digest: dataset, offset: 0, length: 100), isFresh: true), stranger)
    #expect(try hear(stranger, seconds: 2) == nil)

    let dealer = try bulkDealer(sweep, insider)
    say(.want(ContentRange(digest: dataset, offset: 2, length: 100), isFresh: true), dealer)
    let chunk = ContentChunk(
      digest: dataset, offset: 2, byteCount: Int64(manifest.count), bytes: Array(manifest[2..<102]))
    #expect(try hear(dealer) == .chunk(chunk))

    // Any other digest, among them that of a file that is there, and stretches that are not.
    let own = try digest("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    let secret = try sha256(of: sweep.folder.coordinatorPublicPath)
    for other in [own, secret] {
      say(.want(ContentRange(digest: other, offset: 0, length: 100), isFresh: true), dealer)
      #expect(try hear(dealer) == .refused(other, .unknown))
    }
    say(.want(ContentRange(digest: dataset, offset: 1 << 40, length: 100), isFresh: true), dealer)
    #expect(try hear(dealer) == .refused(dataset, .unknown))

    // Uploads: under no attempt of its own, and of any size.
    for (kind, bytes, refusal) in [
      (ArtifactReference.Kind.model, Int64(1_000), ContentRefusal.notHeld), (.model, 1 << 40, .tooLarge),
      (.checkpoint, 1 << 50, .tooLarge),
    ] {
      say(.offer(Self.attempt, ArtifactReference(kind: kind, digest: own, byteCount: bytes), key: nil), dealer)
      let answer = try hear(dealer)
      // Whom the session has not met is told to ask again.
      #expect(answer == .refused(own, refusal) || (refusal == .notHeld && answer == .refused(own, .busy)))
    }
    say(.findCheckpoint(Self.attempt, key: own), dealer)
    #expect(try hear(dealer) == .checkpointFound(key: own, nil))

    // A flood of chunks that nobody asked for, and frames that nobody can read.
    let flood = ContentChunk(digest: own, offset: 0, byteCount: 1 << 30, bytes: [UInt8](repeating: 7, count: 1 << 18))
    for _ in 0..<400 { say(.chunk(flood), dealer) }
    let mad = try bulkDealer(sweep, insider)
    for number in 0..<64 { _ = mad.send([UInt8](repeating: UInt8(number), count: 1_000)) }

    // Meanwhile an honest worker, which has nothing, fetches, trains and delivers.
    let (worker, log) = try sweep.startBareWorker("good")
    #expect(wait(seconds: 120) { !sweep.coordinator.isRunning }, "\(sweep.output)")
    worker.terminate()
    #expect(sweep.coordinator.terminationStatus == 0, "\(sweep.output)")
    #expect((try? String(contentsOfFile: log, encoding: .utf8))?.contains("is in the cache") == true)
    let plain = try sweep.muster.plan("undisturbed-by-bulk", trees: 300)
    #expect(try sweep.muster.run(plain.runArguments).status == 0)
    #expect(try sweep.plan.results() == plain.results())
    let run = URL(fileURLWithPath: sweep.plan.tracker).deletingLastPathComponent().path
    #expect(!FileManager.default.fileExists(atPath: run + "/artifacts/\(own.hex.prefix(2))/\(own.hex.dropFirst(2))"))
  }

  private func sweepDigest(_ sweep: GuardedSweep) throws -> ContentDigest? {
    guard wait(seconds: 20, until: { !sweep.query("SELECT digest FROM dataset").isEmpty }),
      case .text(let hex)? = sweep.query("SELECT digest FROM dataset").first?.first
    else { return nil }
    return ContentDigest(hex: hex)
  }

  private func sha256(of path: String) throws -> ContentDigest {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
    process.arguments = [path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    return try digest(String(text.prefix(64)))
  }
}
