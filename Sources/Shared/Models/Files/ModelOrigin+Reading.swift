// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Hyperparameters
import Shards
import Sweeps

extension ModelOrigin {
  /// The key of a header that holds it.
  static let key = "muster"

  /// - Throws: `.versionUnknown`, `.damaged`; `path` and `key` are named.
  init(json text: String, path: String) throws(ModelError) {
    struct FormatOnly: Decodable { let format: Int }
    let data = Data(text.utf8)
    let written: Written
    do {
      // The version first: a later format may change any other key.
      let format = try JSONDecoder().decode(FormatOnly.self, from: data).format
      guard format == Self.formatVersion else {
        throw ModelError(
          .versionUnknown, path: path, subject: "header `\(Self.key)`, format", expected: "\(Self.formatVersion)",
          found: "\(format)", advice: "read it with the version of Muster that wrote it")
      }
      written = try JSONDecoder().decode(Written.self, from: data)
      _ = try JSONDecoder().decode([String: Setting].self, from: Data(written.parameters.utf8))
    } catch let error as ModelError {
      throw error
    } catch {
      throw Self.damaged(path, "what this version writes", "another text")
    }
    try self.init(written, path: path)
  }

  private init(_ written: Written, path: String) throws(ModelError) {
    guard let learner = Learner(rawValue: written.learner) else {
      throw Self.damaged(path, "a learner: \(Learner.allCases.map(\.rawValue).joined(separator: ", "))", "another")
    }
    guard let dataset = ContentDigest(hex: written.dataset) else {
      throw Self.damaged(path, "the data set's SHA-256", "another text")
    }
    var heads: [Head] = []
    for head in written.heads {
      guard head.count == 2, let objective = ObjectiveKind(rawValue: head[1]) else {
        throw Self.damaged(path, "heads of a name and binary or regression", "another")
      }
      heads.append(Head(name: head[0], objective: objective))
    }
    // Far above any real study and far below overflow, as in a manifest.
    let counts = 1...(1 << 20)
    guard (1...64).contains(heads.count), counts.contains(written.columns.count),
      counts.contains(written.channels.count), counts.contains(written.steps), written.rows > 0,
      (written.columns + written.channels).allSatisfy({ $0.count == 2 })
    else {
      throw Self.damaged(path, "counts of heads, columns, channels, steps and rows within their bounds", "others")
    }
    func columns(_ list: [[String]]) -> [Column] { list.map { Column(name: $0[0], unit: $0[1]) } }
    self.init(
      learner: learner, heads: heads, dataset: dataset, datasetName: written.datasetName, stepCount: written.steps,
      columns: columns(written.columns), channels: columns(written.channels), rowCount: written.rows,
      parameters: written.parameters)
  }

  private static func damaged(_ path: String, _ expected: String, _ found: String) -> ModelError {
    ModelError(
      .damaged, path: path, subject: "header `\(key)`", expected: expected, found: found,
      advice: "copy the file anew, or \(ModelError.fitAgain)")
  }

  private struct Written: Decodable {
    let learner: String
    let heads: [[String]]
    let dataset: String
    let datasetName: String
    let steps: Int
    let rows: Int
    let columns: [[String]]
    let channels: [[String]]
    let parameters: String

    enum CodingKeys: String, CodingKey {
      case learner, heads, dataset, steps, rows, columns, channels, parameters
      case datasetName = "dataset_name"
    }
  }

  private struct Setting: Decodable {
    let value: ParameterValue

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        value = .flag(flag)
      } else if let integer = try? container.decode(Int64.self) {
        value = .integer(integer)
      } else if let real = try? container.decode(Double.self) {
        value = .real(real)
      } else {
        value = .text(try container.decode(String.self))
      }
    }
  }

  /// The parameters that are not at the learner's default, ascending by name; whole reals come as integers.
  package var unusualParameters: Parameters {
    let found = try? JSONDecoder().decode([String: Setting].self, from: Data(parameters.utf8))
    let defaults = Dictionary(uniqueKeysWithValues: learner.specifications.map { ($0.name, $0.standard) })
    let unusual = (found ?? [:]).filter { name, setting in
      guard let standard = defaults[name] else { return true }
      guard let number = setting.value.number else { return setting.value != standard }
      return number != standard.number
    }
    return Parameters(unusual.map { Parameters.Entry(name: $0.key, value: $0.value.value) })
  }
}
