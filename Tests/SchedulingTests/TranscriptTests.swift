// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The stories of `Transcripts/*.txt`. After a wanted change of behaviour, `MUSTER_WRITE_TRANSCRIPTS=1` writes what the
/// machine does now below each `----`: read the difference before you keep it.
@Suite struct TranscriptTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Transcripts")
  static let stories = [
    "cancel", "coordinator-restart", "drain", "duplicate-result", "impostors", "late-result", "lost-messages",
    "poison-task", "recall", "retry-budget", "worker-death",
  ]

  @Test func everyFile_isAStory() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
    #expect(files == Self.stories.map { "\($0).txt" })
  }

  @Test(arguments: stories) func story_goesAsWritten(name: String) throws {
    let url = Self.folder.appendingPathComponent("\(name).txt")
    let text = try String(contentsOf: url, encoding: .utf8)
    var runner = TranscriptRunner()
    var written: [String] = []
    for block in text.components(separatedBy: "\n\n") {
      let lines = block.split(separator: "\n").map(String.init)
      guard let rule = lines.firstIndex(of: "----") else {
        written.append(lines.joined(separator: "\n"))
        continue
      }
      var found: [String] = []
      for line in lines[..<rule] where !line.hasPrefix("#") { found += try runner.play(line) }
      let expected = Array(lines[(rule + 1)...])
      written.append((lines[...rule] + found).joined(separator: "\n"))
      #expect(found == expected, "\(name).txt, after \(lines[..<rule].joined(separator: " | "))")
    }
    #expect(runner.violations.isEmpty)
    if ProcessInfo.processInfo.environment["MUSTER_WRITE_TRANSCRIPTS"] != nil {
      try (written.joined(separator: "\n\n") + "\n").write(to: url, atomically: true, encoding: .utf8)
    }
  }
}
