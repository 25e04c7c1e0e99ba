// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A Python with the libraries that a test compares with: `MUSTER_PEERS`, else the one that `make bench-…` sets up, else the system's.
package enum PeerPython {
  package static let repository: URL = {
    var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    repeat {
      folder.deleteLastPathComponent()
    } while folder.path != "/"
      && !FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path)
    return folder
  }()

  private static let path: String? = {
    let named = ProcessInfo.processInfo.environment["MUSTER_PEERS"].map { [$0] }
    return (named ?? [repository.path + "/.venv-peers/bin/python", "/usr/bin/python3"]).first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }()

  /// Whether it is there and can import these.
  package static func has(_ packages: String) -> Bool {
    (try? run(["-c", "import \(packages)"]))?.status == 0
  }

  /// - Parameter arguments: of Python; what it prints is returned.
  package static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
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
