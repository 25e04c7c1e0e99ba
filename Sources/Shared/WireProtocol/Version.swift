// SPDX-License-Identifier: Apache-2.0

/// Another major means that neither side could trust what it reads; a minor adds fields and bodies that the other skips.
package enum ProtocolVersion {
  package static let major: UInt32 = 1
  package static let minor: UInt32 = 3
}

/// What a message may hold. A peer that passes a limit gets an error, never memory.
package enum WireLimit {
  package static let messageBytes = 1 << 20
  /// Messages for people.
  package static let textBytes = 4_096
  /// Names of workers, hosts, metrics and parameters.
  package static let nameBytes = 128
  package static let slots = 4_096
  package static let datasets = 4_096
  package static let attempts = 4_096
  package static let metrics = 256
  package static let curvePoints = 65_536
  package static let artifacts = 64
  package static let scoreBins = 64
  package static let parameters = 256
  package static let folds = 1_000
  package static let repeats = 1_000
  package static let rungs = 1_000
  package static let stepPlaces = 256
  package static let labels = 64
  /// Of a content in one message.
  package static let chunkBytes = 1 << 19
  /// Steps, rows, trials.
  package static let countMax: Int64 = 1 << 40
}
