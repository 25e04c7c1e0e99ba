// SPDX-License-Identifier: Apache-2.0

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

  /// - Throws: `.datasetMismatch` for another outcome, another digest than `data.expect_digest`, or fewer patients than
  ///   folds.
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
  }
}
