// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// Labels of another outcome that a data set's rows have beside their own, each at its row's index time.
package struct FurtherLabel: Decodable, Hashable, Sendable {
  package let outcome: Outcome
  /// Share of the rows whose label is known, in steps of at least 11 rows; nil where rows are too few for that.
  package let knownShare: Double?
  /// Of the known ones; a prevalence is in steps of at least 11 rows too.
  package let labels: LabelSummary

  init(outcome: Outcome, knownShare: Double?, labels: LabelSummary) {
    self.outcome = outcome
    self.knownShare = knownShare
    self.labels = labels
  }

  enum CodingKeys: String, CodingKey {
    case outcome
    case knownShare = "known"
    case labels
  }

  /// For a line: "length_of_stay, known for 98 %, mean 3.1".
  package var text: String {
    func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
    let known = knownShare.map { "known for \(percent($0))" } ?? "share known hidden"
    let figure =
      switch labels {
      case .binary(let share?): "label 1 \(percent(share))"
      case .regression(let mean?, _): "mean \((mean * 100).rounded() / 100)"
      case .binary(nil): "label 1 hidden"
      case .regression(nil, _): "mean hidden"
      }
    return "\(outcome.rawValue), \(known), \(figure)"
  }
}

extension FurtherLabel {
  /// The running sums behind it, one row at a time.
  ///
  /// Shares are coarse on purpose. Labels of several outcomes overlap (who died in hospital has no readmission), so the difference of
  /// two exact counts would tell how few are in one and not in the other.
  struct Accumulator {
    private let outcome: Outcome
    private var labels: LabelSummary.Accumulator
    private var rowCount = 0
    private var knownCount = 0

    init(_ outcome: Outcome) {
      self.outcome = outcome
      labels = LabelSummary.Accumulator(isBinary: outcome.isBinary)
    }

    mutating func add(_ label: Float) {
      rowCount += 1
      guard !label.isNaN else { return }
      knownCount += 1
      labels.add(label)
    }

    var summary: FurtherLabel {
      let share = Self.coarse(Double(knownCount) / Double(max(1, rowCount)), of: rowCount)
      let labels =
        switch self.labels.summary {
        case .binary(let prevalence):
          LabelSummary.binary(prevalence: prevalence.flatMap { Self.coarse($0, of: knownCount) })
        case .regression(let mean, let sd): LabelSummary.regression(mean: mean, sd: sd)
        }
      return FurtherLabel(outcome: outcome, knownShare: share, labels: labels)
    }

    /// A share in hundredths, or tenths where a hundredth is less than 11 of `count`; nil where a tenth is.
    private static func coarse(_ share: Double, of count: Int) -> Double? {
      guard let steps = [100, 10].first(where: { count >= $0 * LabelSummary.cellCountMin }) else { return nil }
      return (share * Double(steps)).rounded() / Double(steps)
    }
  }
}

extension Float {
  /// Whether it can be a further label: NaN is one that is not known.
  func isLabel(isBinary: Bool) -> Bool { isNaN || (isBinary ? self == 0 || self == 1 : isFinite) }

  static func labelText(isBinary: Bool) -> String {
    isBinary ? "0, 1, or NaN where not known" : "a finite number, or NaN where not known"
  }
}
