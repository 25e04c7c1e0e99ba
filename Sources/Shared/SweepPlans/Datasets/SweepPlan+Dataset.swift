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
  ///   or columns or further labels that it does not have.
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
    try checkNames(of: dataset)
    try checkFurther(of: dataset)
  }

  /// Columns and further labels that the space or a first trial names.
  private func checkNames(of dataset: DatasetSummary) throws(SweepPlanError) {
    for specification in Learner.allCases.flatMap(\.specifications) {
      let (isSigned, names, kind): (Bool, [String], String)
      switch specification.domain {
      case .columns(let signs):
        (isSigned, names, kind) = (signs, dataset.columns.map(\.name), "columns of the data set")
      case .outcomes:
        guard !dataset.further.isEmpty else { continue }
        (isSigned, names, kind) = (false, dataset.further, "some of \(listed(dataset.further))")
      default: continue
      }
      let name = specification.name
      for case .text(let text) in values(of: name) {
        do {
          _ = try ColumnList(text, isSigned: isSigned)?.signs(of: names, parameter: name, kind: kind)
        } catch {
          throw SweepPlanError(
            .datasetMismatch, "\(dataset.path): space.params.\(name): expected \(error.expected), found \(error.found)",
            help: nearest(to: error.found.filter { $0 != "\"" }, of: names).map { "did you mean `\($0)`?" }
              ?? "muster data inspect \(dataset.path)\(specification.domain == .outcomes ? "" : " --columns") lists them"
          )
        }
      }
    }
  }

  /// A further head needs further labels.
  private func checkFurther(of dataset: DatasetSummary) throws(SweepPlanError) {
    let weights = values(of: "auxiliary_weight").compactMap(\.number)
    guard dataset.further.isEmpty, weights.contains(where: { $0 > 0 }) else { return }
    throw SweepPlanError(
      .datasetMismatch,
      "\(dataset.path): space.params.auxiliary_weight: expected 0 for a data set without further labels, found more",
      help: "muster data prepare --also OUTCOME makes them")
  }

  /// What the space or a first trial can give a parameter; of a range its ends.
  private func values(of name: String) -> [ParameterValue] {
    let searched = space.allParameters.filter { $0.name == name }.flatMap { parameter -> [ParameterValue] in
      switch parameter.distribution {
      case .choice(let choice): choice.values
      case .fixed(let value): [value]
      case .real(let range): [.real(range.low), .real(range.high)]
      case .integer(let range): [.integer(range.low), .integer(range.high)]
      }
    }
    return searched + enqueued.compactMap { $0[name] }
  }
}
