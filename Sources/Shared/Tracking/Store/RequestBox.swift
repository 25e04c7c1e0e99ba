// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A person's request to a sweep, as it waits in the box.
package struct SweepRequest: Codable, Hashable, Sendable {
  package enum Kind: String, Codable, Hashable, Sendable {
    case enqueue
    case stopTrial = "stop-trial"
    case stopSweep = "stop-sweep"
    case retryTrial = "retry-trial"
  }

  package static let schema = "muster.request/v1"

  package let schema: String
  /// 32 hexadecimal digits, new for each request.
  package let token: String
  package let sweep: String
  package let kind: Kind
  package let trial: Int?
  /// For `enqueue`: the trial as a sweep file writes it, `{model: booster, leaves: 31}`.
  package let parameters: String?
  /// Milliseconds since 1970: the order in which requests are taken up.
  package let at: Int64

  package init(sweep: String, kind: Kind, trial: Int? = nil, parameters: String? = nil, at: Int64) {
    schema = Self.schema
    token = UUID().uuidString.replacing("-", with: "").lowercased()
    self.sweep = sweep
    self.kind = kind
    self.trial = trial
    self.parameters = parameters
    self.at = at
  }
}

/// The way in to a coordinator, which alone writes its tracker: a folder beside the tracker, one file a request. A request is
/// there whole or not at all, stays until its effect is committed, and needs nobody to be running.
package struct RequestBox: Sendable {
  package let folder: String

  package init(tracker path: String) { folder = path + ".requests" }

  /// Durable when it returns.
  package func put(_ request: SweepRequest) throws(TrackerError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let draft = "\(folder)/.\(request.token)"
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      try encoder.encode(request).write(to: URL(fileURLWithPath: draft))
      try Self.flush(draft)
      try FileManager.default.moveItem(atPath: draft, toPath: path(request.token))
      try Self.flush(folder)
    } catch {
      throw TrackerError(
        code: .unwritable, path: folder, detail: "the request was not handed in: \(error)")
    }
  }

  /// Requests to a sweep, the oldest first; files that are none are left alone and named.
  package func requests(to sweep: String) -> (requests: [SweepRequest], strange: [String]) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    var (requests, strange) = ([SweepRequest](), [String]())
    for name in names.sorted() where name.hasSuffix(".json") && !name.hasPrefix(".") {
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"),
        let request = try? JSONDecoder().decode(SweepRequest.self, from: data),
        request.schema == SweepRequest.schema,
        request.token.utf8.count == 32, name == request.token + ".json"
      else {
        strange.append(name)
        continue
      }
      if request.sweep == sweep { requests.append(request) }
    }
    return (requests.sorted { ($0.at, $0.token) < ($1.at, $1.token) }, strange)
  }

  /// Its effect is on disk.
  package func remove(_ token: String) { try? FileManager.default.removeItem(atPath: path(token)) }

  private func path(_ token: String) -> String { "\(folder)/\(token).json" }

  private static func flush(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CocoaError(.fileReadUnknown) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }
}
