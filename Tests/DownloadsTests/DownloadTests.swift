// SPDX-License-Identifier: Apache-2.0

import Crypto
import Downloads
import Foundation
import Testing

@Suite(.serialized) struct DownloadTests {
  private let folder = NSTemporaryDirectory() + "downloads-" + UUID().uuidString
  private let patients = Array("row_id,subject_id\n".utf8)

  private func sums(_ files: [(String, [UInt8])]) -> LocalServer.Answer {
    let lines = files.map { name, bytes in
      SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + " \(name)\n"
    }
    return .file(Array(lines.joined().utf8))
  }

  private func code(_ server: LocalServer) -> DownloadError.Code? {
    do {
      _ = try downloadDemo(from: server.base, to: folder)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func files_areFetchedChecked_andNotFetchedTwice() throws {
    let server = try LocalServer([
      "SHA256SUMS.txt": sums([("PATIENTS.csv", patients)]), "PATIENTS.csv": .file(patients),
    ])
    #expect(try downloadDemo(from: server.base, to: folder) == 1)
    #expect(FileManager.default.contents(atPath: folder + "/PATIENTS.csv") == Data(patients))
    #expect(try downloadDemo(from: server.base, to: folder) == 0)
  }

  /// In real life: a proxy answers with another file. Nothing appears under the name.
  @Test func wrongBytes_areRefused() throws {
    let server = try LocalServer([
      "SHA256SUMS.txt": sums([("PATIENTS.csv", patients)]), "PATIENTS.csv": .file([1, 2]),
    ])
    #expect(code(server) == .wrongDigest)
    #expect(!FileManager.default.fileExists(atPath: folder + "/PATIENTS.csv"))
  }

  @Test func missingFile_andCutConnection_andNoServer_areErrors() throws {
    let missing = try LocalServer(["SHA256SUMS.txt": sums([("PATIENTS.csv", patients)])])
    #expect(code(missing) == .refused)
    let cut = try LocalServer([
      "SHA256SUMS.txt": sums([("PATIENTS.csv", patients)]), "PATIENTS.csv": .cut([1, 2, 3]),
    ])
    #expect(code(cut) != nil)
    #expect(!FileManager.default.fileExists(atPath: folder + "/PATIENTS.csv"))
    #expect(throws: DownloadError.self) { try downloadDemo(from: "http://127.0.0.1:1/x", to: folder) }
    #expect(throws: DownloadError.self) { try downloadDemo(from: "file:///etc", to: folder) }
  }

  @Test(arguments: ["../evil", ".hidden", "a/b", "x y", ""])
  func hostileNames_areRefused(name: String) throws {
    let digest = String(repeating: "0", count: 64)
    let server = try LocalServer(["SHA256SUMS.txt": .file(Array("\(digest) \(name)\n".utf8))])
    #expect(code(server) == .badList)
  }
}
