// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Search
import Sweeps

extension SweepPlan {
  /// The plan's data set, if it is the one that was meant and can be dealt to the plan's folds.
  ///
  /// - Throws: the errors of `DatasetSummary.init(directory:)`, and `.datasetMismatch`.
  package func readDataset() throws(SweepPlanError) -> DatasetSummary {
    let summary = try DatasetSummary(directory: datasetPath)
    try check(summary)
    return summary
  }

  /// - Throws: `.datasetMismatch` for another outcome, another digest than `data.expect_digest`, fewer patients than folds,
  ///   or columns that it does not have.
  package func check(_ dataset: DatasetSummary) throws(SweepPlanError) {
    guard dataset.outcome == outcome else {
      throw SweepPlanError(
        .datasetMismatch,
        "\(dataset.path): expected a data set for \(outcome.rawValue), found one for \(dataset.outcome.rawValue)",
        help: "change `task` or `data.dataset`; muster data prepare makes one folder for each outcome")
    }
    if let expected = expectedDigest, expected != dataset.digest {
      throw SweepPlanError(
        .datasetMismatch, "\(dataset.path): expected digest sha256:\(expected), found sha256:\(dataset.digest)",
        help: "prepare the data set that was meant, or change data.expect_digest")
    }
    if let test = folds.testSet, dataset.patientCount < test.partCount + folds.foldCount {
      throw SweepPlanError(
        .datasetMismatch,
        "\(dataset.path): \(dataset.patientCount) patients are too few for a test set of \(test.count) in "
          + "\(test.partCount) parts and \(folds.foldCount) folds",
        help: "lower cv.folds, or prepare more patients")
    }
    guard dataset.patientCount >= folds.foldCount else {
      throw SweepPlanError(
        .datasetMismatch,
        "\(dataset.path): \(folds.foldCount) folds, but only \(dataset.patientCount) patients, and no patient is in two",
        help: "lower cv.folds, or prepare more patients")
    }
    try checkColumns(of: dataset)
  }

  /// Columns that the space or a first trial names.
  private func checkColumns(of dataset: DatasetSummary) throws(SweepPlanError) {
    let names = dataset.columns.map(\.name)
    for specification in Learner.booster.specifications {
      guard case .columns(let isSigned) = specification.domain else { continue }
      let name = specification.name
      for text in texts(of: name) {
        do {
          _ = try ColumnList(text, isSigned: isSigned)?.signs(of: names, parameter: name)
        } catch {
          throw SweepPlanError(
            .datasetMismatch, "\(dataset.path): space.params.\(name): expected \(error.expected), found \(error.found)",
            help: nearest(to: error.found.filter { $0 != "\"" }, of: names).map { "did you mean `\($0)`?" }
              ?? "muster data inspect \(dataset.path) --columns lists them")
        }
      }
    }
  }

  private func texts(of name: String) -> [String] {
    let searched = space.allParameters.filter { $0.name == name }.flatMap { parameter -> [ParameterValue] in
      switch parameter.distribution {
      case .choice(let choice): choice.values
      case .fixed(let value): [value]
      case .real, .integer: []
      }
    }
    return (searched + enqueued.compactMap { $0[name] }).compactMap { value in
      if case .text(let text) = value { text } else { nil }
    }
  }
}
