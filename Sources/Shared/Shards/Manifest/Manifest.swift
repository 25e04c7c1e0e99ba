// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// The table of contents of a data set: `manifest.json`, the one file whose SHA-256 names all of it.
///
/// Nothing in it depends on the clock, the machine or the directory, so the same rows always give the same bytes.
package struct Manifest: Decodable, Hashable, Sendable {
  /// The newest layout of manifest and shards.
  package static let formatVersion = 3
  /// Format 1 has no digests of rows: its shards are verified whole. Format 3 is format 2 with further labels.
  package static let formatsRead = 1...formatVersion
  package static let fileName = "manifest.json"

  package let format: Int
  package let name: String
  package let outcome: Outcome
  package let source: String
  package let indexTime: String
  package let createdBy: String
  package let rowCount: Int
  /// Distinct groups.
  package let patientCount: Int
  package let labels: LabelSummary
  package let stepCount: Int
  package let columns: [FeatureColumn]
  package let channels: [FeatureColumn]
  package let flow: [FlowStep]
  /// In the order of their rows.
  package let files: [ShardFile]
  /// Labels of other outcomes that each row has; empty before format 3.
  package let further: [FurtherLabel]

  enum CodingKeys: String, CodingKey {
    case format, name, outcome, source
    case indexTime = "index_time"
    case createdBy = "created_by"
    case rowCount = "rows"
    case patientCount = "patients"
    case labels
    case stepCount = "steps"
    case columns, channels, flow, files, further
  }

  init(
    description: DatasetDescription, rowCount: Int, patientCount: Int, labels: LabelSummary, files: [ShardFile],
    further: [FurtherLabel] = []
  ) {
    format = Self.format(furtherCount: further.count)
    name = description.name
    outcome = description.outcome
    source = description.source
    indexTime = description.indexTime
    createdBy = description.createdBy
    self.rowCount = rowCount
    self.patientCount = patientCount
    self.labels = labels
    stepCount = description.stepCount
    columns = description.columns
    channels = description.channels
    flow = description.flow
    self.files = files
    self.further = further
  }

  /// That of a new data set: what has no further labels keeps the bytes that it always had.
  static func format(furtherCount: Int) -> Int { furtherCount > 0 ? 3 : 2 }
}

/// One HDF5 file of a data set.
package struct ShardFile: Decodable, Hashable, Sendable {
  package let name: String
  package let sha256: ContentDigest
  package let byteCount: Int64
  package let rowCount: Int
  /// nil in format 1.
  package let index: ShardIndex?

  package init(name: String, sha256: ContentDigest, byteCount: Int64, rowCount: Int, index: ShardIndex? = nil) {
    self.name = name
    self.sha256 = sha256
    self.byteCount = byteCount
    self.rowCount = rowCount
    self.index = index
  }

  enum CodingKeys: String, CodingKey {
    case name, sha256
    case byteCount = "bytes"
    case rowCount = "rows"
    case rowsSHA256 = "rows_sha256"
    case offsets
  }
}

/// What lets a reader map a shard and verify single rows of it, without libhdf5 and without reading the others.
package struct ShardIndex: Hashable, Sendable {
  /// Byte offset of each HDF5 dataset: tabular, sequence, label, group, id, digest, further.
  package let offsets: [Int]
  /// SHA-256 of the datasets label, group, id, digest and further, one after another.
  package let sha256: ContentDigest

  package init(offsets: [Int], sha256: ContentDigest) {
    self.offsets = offsets
    self.sha256 = sha256
  }
}

/// What the labels look like as a whole. A figure that would describe 1 to 10 rows is left out: cells under n = 11 are
/// not shown.
package enum LabelSummary: Decodable, Hashable, Sendable {
  /// Share of rows with label 1.
  case binary(prevalence: Double?)
  /// Mean and sample standard deviation, in the label's unit.
  case regression(mean: Double?, sd: Double?)

  package static let cellCountMin = 11

  var isBinary: Bool { if case .binary = self { true } else { false } }

  enum CodingKeys: String, CodingKey {
    case kind, prevalence, mean, sd
  }
}

extension LabelSummary {
  /// The running sums behind a summary: Welford 1962, one label at a time in the order of the rows.
  struct Accumulator {
    private let isBinary: Bool
    private var count = 0
    private var positiveCount = 0
    private var mean = 0.0
    private var squares = 0.0

    init(isBinary: Bool) { self.isBinary = isBinary }

    mutating func add(_ label: Float) {
      count += 1
      if label == 1 { positiveCount += 1 }
      let difference = Double(label) - mean
      mean += difference / Double(count)
      squares += difference * (Double(label) - mean)
    }

    var summary: LabelSummary {
      guard isBinary else {
        guard count >= cellCountMin else { return .regression(mean: nil, sd: nil) }
        return .regression(mean: mean, sd: (squares / Double(count - 1)).squareRoot())
      }
      // The complement tells as much as the cell: 1 to 10 negatives are hidden too.
      let isShown = [positiveCount, count - positiveCount].allSatisfy { $0 == 0 || $0 >= cellCountMin }
      return .binary(prevalence: isShown && count > 0 ? Double(positiveCount) / Double(count) : nil)
    }
  }
}
