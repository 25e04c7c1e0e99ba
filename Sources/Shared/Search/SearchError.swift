// SPDX-License-Identifier: Apache-2.0

/// A distribution, a space or a sampler that cannot be.
package struct SearchError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The part of a parameter that is wrong, so that a reader can point at its place in a file.
  package enum Part: String, Hashable, Sendable {
    case range, log, step, points, choice, weights, grid
  }

  package let part: Part
  /// The parameter; `nil` where the error is about a distribution that has no name yet, or about the whole space.
  package let parameter: String?
  package let expected: String
  package let found: String

  package init(_ part: Part, parameter: String? = nil, expected: String, found: String) {
    self.part = part
    self.parameter = parameter
    self.expected = expected
    self.found = found
  }

  package var description: String {
    let place = parameter.map { "parameter `\($0)`, \(part.rawValue)" } ?? part.rawValue
    return "\(place): expected \(expected), found \(found)"
  }
}
