// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A Python with the peers: `MUSTER_PEERS`, or `peers/bin/python` beside the repository.
enum PeerPython {
  static let repository: URL = {
    var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    repeat {
      folder.deleteLastPathComponent()
    } while folder.path != "/"
      && !FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path)
    return folder
  }()

  private static let path: String? = {
    let named = ProcessInfo.processInfo.environment["MUSTER_PEERS"]
    let path = named ?? repository.deletingLastPathComponent().appendingPathComponent("peers/bin/python").path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  /// Whether it is there and can import these.
  static func has(_ packages: String) -> Bool {
    (try? run(["-c", "import \(packages)"]))?.status == 0
  }

  /// - Parameter arguments: of Python; what it prints is returned.
  static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    guard let path else { return (-1, "no Python with the peers") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}

/// A folder of a test, removed with it.
final class ScratchFolder {
  let path = NSTemporaryDirectory() + "muster-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
