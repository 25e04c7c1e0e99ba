// SPDX-License-Identifier: Apache-2.0

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
      switch loss {
      case .binary where label != 0 && label != 1:
        throw BoosterError(
          .badLabel, subject: "\(part) labels, row \(row)", expected: "0 or 1 for a binary objective",
          found: "another number")
      case .poisson where label < 0, .tweedie where label < 0:
        throw BoosterError(
          .badLabel, subject: "\(part) labels, row \(row)", expected: "0 or more for this loss",
          found: "a negative number")
      default: break
      }
    }
  }

  /// Refuses training labels from which growth cannot start.
  ///
  /// - Throws: `oneClass`.
  func checkStart(labels: [Float]) throws(BoosterError) {
    let positives = labels.count { $0 > 0 }
    switch loss {
    case .binary where positives == 0 || positives == labels.count:
      throw BoosterError(
        .oneClass, subject: "training labels", expected: "rows of both classes (merge or stratify the folds)",
        found: "\(positives) of \(labels.count) rows with label 1")
    case .poisson where positives == 0, .tweedie where positives == 0:
      throw BoosterError(
        .oneClass, subject: "training labels", expected: "a label above 0", found: "none in \(labels.count) rows")
    default: break
    }
  }
}
