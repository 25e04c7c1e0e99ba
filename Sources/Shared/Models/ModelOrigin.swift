// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
package import Shards
package import Sweeps

/// What a model was fitted to: enough to refuse another data set by the names of its columns. No number of a patient's is in it.
package struct ModelOrigin: Hashable, Sendable {
  /// Of the model files that this code writes.
  package static let formatVersion = 1

  /// A column as far as a model minds it.
  package struct Column: Hashable, Sendable {
    package let name: String
    package let unit: String

    package init(name: String, unit: String) { (self.name, self.unit) = (name, unit) }
  }

  /// What one output predicts.
  package struct Head: Hashable, Sendable {
    package let name: String
    package let objective: ObjectiveKind

    package init(name: String, objective: ObjectiveKind) { (self.name, self.objective) = (name, objective) }
  }

  package let learner: Learner
  /// At least one; the first is the data set's outcome.
  package let heads: [Head]
  package let dataset: ContentDigest
  package let datasetName: String
  /// Hourly steps T of a sequence.
  package let stepCount: Int
  package let columns: [Column]
  package let channels: [Column]
  /// Rows that were fitted, those included that early stopping looked at.
  package let rowCount: Int
  /// The trial's, as its canonical JSON.
  package let parameters: String

  init(
    learner: Learner, heads: [Head], dataset: ContentDigest, datasetName: String, stepCount: Int, columns: [Column],
    channels: [Column], rowCount: Int, parameters: String
  ) {
    self.learner = learner
    self.heads = heads
    self.dataset = dataset
    self.datasetName = datasetName
    self.stepCount = stepCount
    self.columns = columns
    self.channels = channels
    self.rowCount = rowCount
    self.parameters = parameters
  }

  /// - Parameters:
  ///   - others: heads beside that of the order's outcome.
  ///   - rowCount: of the rows that were fitted.
  package init(_ order: TrialOrder, _ dataset: Dataset, others: [Head] = [], rowCount: Int) {
    let manifest = dataset.manifest
    self.init(
      learner: order.learner,
      heads: [Head(name: order.outcome.rawValue, objective: order.outcome.objective)] + others, dataset: dataset.digest,
      datasetName: manifest.name, stepCount: manifest.stepCount, columns: Self.columns(manifest.columns),
      channels: Self.columns(manifest.channels), rowCount: rowCount, parameters: order.parameters.json)
  }

  static func columns(_ columns: [FeatureColumn]) -> [Column] { columns.map { Column(name: $0.name, unit: $0.unit) } }

  /// What the model reads of a row.
  package var parts: [DatasetPart] { learner == .lstm ? DatasetPart.allCases : [.tabular] }

  /// One line of JSON without "=", so that LightGBM's header can hold it too. Written by hand: these bytes are part of what
  /// names a model.
  var json: String {
    func list(_ columns: [Column]) -> String {
      "[" + columns.map { "[\(jsonQuoted($0.name)),\(jsonQuoted($0.unit))]" }.joined(separator: ",") + "]"
    }
    let heads = heads.map { "[\(jsonQuoted($0.name)),\"\($0.objective.rawValue)\"]" }.joined(separator: ",")
    let text =
      "{\"format\":\(Self.formatVersion),\"learner\":\"\(learner.rawValue)\",\"heads\":[\(heads)],"
      + "\"dataset\":\"\(dataset.hex)\",\"dataset_name\":\(jsonQuoted(datasetName)),\"steps\":\(stepCount),"
      + "\"rows\":\(rowCount),\"columns\":\(list(columns)),\"channels\":\(list(channels)),\"parameters\":\(jsonQuoted(parameters))}"
    guard text.unicodeScalars.contains(where: Self.isMasked) else { return text }
    var plain = ""
    for scalar in text.unicodeScalars {
      if Self.isMasked(scalar) {
        let hex = String(scalar.value, radix: 16)
        plain += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      } else {
        plain.unicodeScalars.append(scalar)
      }
    }
    return plain
  }

  /// "=" would end LightGBM's key; the others are line ends to some readers.
  private static func isMasked(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "=" || scalar.value == 0x85 || scalar.value == 0x2028 || scalar.value == 0x2029
  }
}
