// SPDX-License-Identifier: Apache-2.0

import Foundation
import Sockets
import Sweeps
import Testing

@testable import Coordinator

/// What becomes of the artifacts that workers bring when the disk will not have them.
@Suite struct UploadDeskTests {
  private let folder = NSTemporaryDirectory() + "upload-desk-\(UUID().uuidString)"

  private let offer = UploadDesk.Offer(
    taskAttempt: TaskAttempt(
      task: TrialTask(sweep: SweepID(1), trial: 0, fold: 0, rung: 0), attempt: Attempt(epoch: 1, number: 1)),
    artifact: ArtifactReference(
      kind: .predictions, digest: ContentDigest(bytes: repeatElement(9, count: 32)), byteCount: 8),
    key: nil, worker: Incarnation(high: 0, low: 1), epoch: 1)

  private func begin(_ desk: UploadDesk) -> [BulkMessage.Body] {
    desk.begin(offer, from: PeerAddress(bytes: [1]), at: Tick(milliseconds: 0)).map(\.body)
  }

  /// In real life: somebody cleans up beside a running sweep. The worker is to offer again, and people are told why; once.
  @Test func folderThatIsGone_isTold_andTheWorkerOffersAgain() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let desk = try UploadDesk(artifacts: folder + "/a/b")
    #expect(desk.takeTrouble() == nil)
    try FileManager.default.removeItem(atPath: folder + "/a/b/incoming")
    #expect(begin(desk) == [.refused(offer.artifact.digest, .busy)])
    let trouble = try #require(desk.takeTrouble())
    #expect("\(trouble)".hasPrefix(folder + "/a/b/incoming/") && "\(trouble)".hasSuffix("No such file or directory"))
    #expect(desk.takeTrouble() == nil, "told once")
    try FileManager.default.createDirectory(atPath: folder + "/a/b/incoming", withIntermediateDirectories: true)
    #expect(begin(desk).contains { if case .want = $0 { true } else { false } }, "mended: it is fetched")
    #expect(desk.takeTrouble() == nil)
  }

  /// In real life: `track.artifacts` names a file.
  @Test func folderThatCannotBeMade_isNamedAtOnce() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("a file".utf8).write(to: URL(fileURLWithPath: folder))
    #expect {
      try UploadDesk(artifacts: folder)
    } throws: {
      "\($0)" == "\(folder): cannot be a folder: Not a directory"
    }
  }
}
