// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The text of a small file, or nothing.
func readText(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

extension String {
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
