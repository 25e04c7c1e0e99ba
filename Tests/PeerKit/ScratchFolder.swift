// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder of a test, removed with it.
package final class ScratchFolder {
  package let path = NSTemporaryDirectory() + "muster-\(UUID().uuidString)"

  package init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
