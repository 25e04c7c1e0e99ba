// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Sweeps

extension Manifest {
  /// Largest manifest that is read: 100,000 columns take about 20 MB.
  package static let byteCountMax = 64 << 20

  /// - Throws: `.formatUnknown`, `.manifestInvalid`.
  package init(json bytes: [UInt8], path: String) throws(ShardError) {
    struct FormatOnly: Decodable { let format: Int }
    let data = Data(bytes)
    do {
      // The version first: a later format may change any other key.
      let found = try JSONDecoder().decode(FormatOnly.self, from: data).format
      guard Self.formatsRead.contains(found) else {
        throw ShardError(
          .formatUnknown, path: path, subject: "format",
          expected: "\(Self.formatsRead.lowerBound) to \(Self.formatVersion)", found: "\(found)",
          advice: "use the version of Muster that wrote it, or " + ShardError.prepareAgain)
      }
      self = try JSONDecoder().decode(Manifest.self, from: data)
    } catch let error as ShardError {
      throw error
    } catch {
      throw Self.invalid(path, decodingFailure: error)
    }
    try validate(path: path)
  }

  private static func invalid(_ path: String, decodingFailure: any Error) -> ShardError {
    func key(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
      let keys = (context.codingPath + (last.map { [$0] } ?? [])).map {
        $0.intValue.map { "[\($0)]" } ?? $0.stringValue
      }
      return keys.joined(separator: ".").replacing(".[", with: "[")
    }
    let (subject, expected, found): (String, String, String) =
      switch decodingFailure as? DecodingError {
      case .keyNotFound(let last, let context): (key(context, last), "this key", "none")
      case .typeMismatch(let type, let context): (key(context), "\(type)", "another type")
      case .valueNotFound(let type, let context): (key(context), "\(type)", "null")
      case .dataCorrupted(let context) where !context.codingPath.isEmpty:
        (key(context), "another value", context.debugDescription)
      default: ("", "a JSON manifest of a data set", "something else")
      }
    return ShardError(
      .manifestInvalid, path: path, subject: subject, expected: expected, found: found,
      advice: ShardError.prepareAgain)
  }

  /// Synthesised decoding would do, but for `Outcome` and `ContentDigest`, which know no coder.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    format = try values.decode(Int.self, forKey: .format)
    name = try values.decode(String.self, forKey: .name)
    outcome = try values.decodeOutcome(forKey: .outcome)
    source = try values.decode(String.self, forKey: .source)
    indexTime = try values.decode(String.self, forKey: .indexTime)
    createdBy = try values.decode(String.self, forKey: .createdBy)
    rowCount = try values.decode(Int.self, forKey: .rowCount)
    patientCount = try values.decode(Int.self, forKey: .patientCount)
    labels = try values.decode(LabelSummary.self, forKey: .labels)
    stepCount = try values.decode(Int.self, forKey: .stepCount)
    columns = try values.decode([FeatureColumn].self, forKey: .columns)
    channels = try values.decode([FeatureColumn].self, forKey: .channels)
    flow = try values.decode([FlowStep].self, forKey: .flow)
    files = try values.decode([ShardFile].self, forKey: .files)
    further = try values.decodeIfPresent([FurtherLabel].self, forKey: .further) ?? []
  }
}

extension KeyedDecodingContainer {
  fileprivate func decodeOutcome(forKey key: Key) throws -> Outcome {
    guard let outcome = Outcome(rawValue: try decode(String.self, forKey: key)) else {
      let known = Outcome.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "an outcome that is none of \(known)")
    }
    return outcome
  }
}

extension FurtherLabel {
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      outcome: try values.decodeOutcome(forKey: .outcome),
      knownShare: try values.decodeIfPresent(Double.self, forKey: .knownShare),
      labels: try values.decode(LabelSummary.self, forKey: .labels))
  }
}

extension ShardFile {
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    func digest(_ key: CodingKeys) throws -> ContentDigest {
      guard let digest = ContentDigest(hex: try values.decode(String.self, forKey: key)) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values, debugDescription: "something other than 64 lower-case hexadecimal digits")
      }
      return digest
    }
    sha256 = try digest(.sha256)
    byteCount = try values.decode(Int64.self, forKey: .byteCount)
    rowCount = try values.decode(Int.self, forKey: .rowCount)
    index =
      values.contains(.offsets)
      ? ShardIndex(offsets: try values.decode([Int].self, forKey: .offsets), sha256: try digest(.rowsSHA256)) : nil
  }
}

extension LabelSummary {
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    switch try values.decode(String.self, forKey: .kind) {
    case "binary": self = .binary(prevalence: try values.decodeIfPresent(Double.self, forKey: .prevalence))
    case "regression":
      self = .regression(
        mean: try values.decodeIfPresent(Double.self, forKey: .mean),
        sd: try values.decodeIfPresent(Double.self, forKey: .sd))
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: values, debugDescription: "a kind that is neither binary nor regression")
    }
  }
}
