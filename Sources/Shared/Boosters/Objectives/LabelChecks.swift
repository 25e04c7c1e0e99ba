// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

extension Objective {
  /// Refuses labels that the loss cannot take.
  ///
  /// - Parameter part: what they label, "training" or "validation", for the message.
  /// - Throws: `notFinite`, `badLabel`.
  func check(labels: [Float], part: String) throws(BoosterError) {
    for (row, label) in labels.enumerated() {
      guard label.isFinite else {
        throw BoosterError(
          .notFinite, subject: "\(part) labels, row \(row)", expected: "a finite number",
          found: label.isNaN ? "NaN" : "an infinity")
      }
      guard kind == .regression || label == 0 || label == 1 else {
        throw BoosterError(
          .badLabel, subject: "\(part) labels, row \(row)", expected: "0 or 1 for a binary objective",
          found: "another number")
      }
    }
  }

  /// Refuses training labels from which growth cannot start.
  ///
  /// - Throws: `oneClass`.
  func checkBothClasses(labels: [Float]) throws(BoosterError) {
    guard kind == .binary else { return }
    let positives = labels.count { $0 > 0 }
    guard positives > 0, positives < labels.count else {
      throw BoosterError(
        .oneClass, subject: "training labels", expected: "rows of both classes (merge or stratify the folds)",
        found: "\(positives) of \(labels.count) rows with label 1")
    }
  }
}
