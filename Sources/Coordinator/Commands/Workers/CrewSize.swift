// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `--workers`: a number, or bounds between which a launcher keeps them: `2..50`.
struct CrewSize: ExpressibleByArgument, Hashable, Sendable {
  let range: ClosedRange<Int>

  init?(argument: String) {
    let parts = argument.components(separatedBy: "..").map { Int($0) }
    switch parts.count {
    case 1:
      guard let count = parts[0], count >= 0 else { return nil }
      range = count...count
    case 2:
      guard let low = parts[0], let high = parts[1], low >= 0, high >= low else { return nil }
      range = low...high
    default: return nil
    }
  }

  var isRange: Bool { range.count > 1 }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [Substring] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}
