// SPDX-License-Identifier: Apache-2.0

/// The one stylesheet and the one script, built into the program: nothing is fetched from elsewhere.
enum Assets {
  struct File: Sendable {
    let path: String
    let contentType: String
    let bytes: [UInt8]
  }

  static let stylesheet = File("css", "text/css; charset=utf-8", PackageResources.dashboard_css)
  static let script = File("js", "text/javascript; charset=utf-8", PackageResources.dashboard_js)
  static var stylesheetPath: String { stylesheet.path }
  static var scriptPath: String { script.path }

  static func file(at path: String) -> File? { [stylesheet, script].first { $0.path == path } }
}

extension Assets.File {
  /// Named by its content, so that a browser may keep it for ever.
  fileprivate init(_ ending: String, _ contentType: String, _ bytes: [UInt8]) {
    // FNV-1a (Fowler, Noll & Vo 1991).
    let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    self.init(
      path: "/assets/" + String(hash, radix: 16) + "." + ending, contentType: contentType, bytes: bytes)
  }
}
