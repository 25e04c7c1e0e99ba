// SPDX-License-Identifier: Apache-2.0

import Charts
import Tracking

/// How good a trial's predictions of held-out rows are at any threshold: ROC, precision and recall, calibration, and a table.
///
/// From counts by score, each of 11 rows or more; the tracker holds no prediction of a row.
struct ScoresPart {
  let reader: TrackerReader
  let trial: TrialPage.Trial

  private static let binary: Set<String> = [
    "readmission_7d", "readmission_30d", "readmission_60d", "readmission_90d", "icu_mortality", "in_hospital_mortality",
    "decompensation", "phenotype",
  ]
  private static let thresholds = [
    0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
  ]
  private static let grid = (0...50).map { Double($0) / 50 }
  /// Of fewer points a curve lies far below the fold's own: in the mean of a demo's folds by 0.44 of AUROC with one bin, 0.17 with two, 0.06
  /// with four, 0.04 with five, 0.01 with six.
  private static let binCountMin = 5

  func markup() throws -> Markup {
    var body = Markup()
    guard reader.schemaVersion >= 7 else {
      body.nothing(
        "This tracker is older than these curves: muster tracker migrate, then folds that run from now on have them.")
      return body
    }
    let (folds, share) = try folds()
    guard !folds.isEmpty else {
      body.nothing(
        "No fold has its rows by score: none is finished, all were cut, too few held-out rows, an import, or a worker of an older version."
      )
      return body
    }
    let numbers = folds.keys.sorted()
    let scores = numbers.compactMap { folds[$0] }
    let usable = scores.filter { $0.positives > 0 && $0.negatives > 0 && $0.bins.count >= Self.binCountMin }
    let isBinary = Self.binary.contains(trial.sweep.outcome)
    body.element("div", ["class": "trio"]) { columns in
      guard isBinary else { return values(scores, into: &columns) }
      if !usable.isEmpty {
        columns.element("div") { roc(usable, share, into: &$0) }
        columns.element("div") { precision(usable, share, into: &$0) }
      }
      columns.element("div") { calibration(scores, into: &$0) }
    }
    if isBinary { table(usable, share, into: &body) }
    if isBinary, usable.count < scores.count {
      body.nothing(
        "\(usable.count) of \(scores.count) folds have enough held-out events for a curve and a table of thresholds: \(Self.binCountMin) "
          + "bins, of which none shows a count of 1 to 10. Metrics are of every row, whatever can be drawn.")
    }
    body.element(
      "p", ["class": "under"],
      text:
        "From \(scores.count) folds' rows by score, \(count(scores)) bins of 11 rows or more; between bounds rows lie evenly, "
        + "so a curve of few bins lies a little below the fold's own. "
        + "Bands and brackets: corrected 95 % intervals over folds (Nadeau and Bengio). SQL: SELECT * FROM score_bins.")
    return body
  }

  private func count(_ folds: [FoldScores]) -> Int { folds.reduce(0) { $0 + $1.bins.count } }

  /// Of each fold's last rung; with the share of held-out to training rows.
  private func folds() throws -> ([Int: FoldScores], Double) {
    var bins: [Int: [FoldScores.Bin]] = [:]
    try reader.query(
      """
      SELECT f.fold, j.value ->> 0 AS low, j.value ->> 1 AS n, j.value ->> 2 AS predicted, j.value ->> 3 AS positives
      FROM fold_scores f, json_each(f.bins) j WHERE f.trial_id = :trial
        AND f.rung = (SELECT max(x.rung) FROM fold_scores x WHERE x.trial_id = f.trial_id AND x.fold = f.fold)
      ORDER BY f.fold
      """, ["trial": .integer(Int64(trial.id))]
    ).each { row in
      guard let fold = row.int("fold"), let low = row.real("low"), let count = row.real("n"), count > 0,
        let predicted = row.real("predicted"), let positives = row.real("positives")
      else { return }
      bins[fold, default: []].append(
        FoldScores.Bin(low: low, rowCount: count, predicted: predicted, positives: positives))
    }
    let share = try reader.query(
      "SELECT avg(1.0 * n_valid / n_train) AS share FROM result WHERE trial_id = :trial AND n_train > 0",
      ["trial": .integer(Int64(trial.id))]
    ).first?.real("share")
    return (bins.mapValues { FoldScores($0) }, share ?? 0.25)
  }

  private func roc(_ folds: [FoldScores], _ share: Double, into body: inout Markup) {
    let over = Self.grid.map { x in OverFolds(folds.map { $0.sensitivity(atFalsePositives: x) }, share: share) }
    draw(
      "ROC", "Sensitivity against 1 − specificity, \(folds.count) folds and their mean", "1 − specificity",
      "sensitivity",
      folds.map { $0.roc }, over, reference: [ChartPoint(0, 0), ChartPoint(1, 1)], from: 0, into: &body)
  }

  private func precision(_ folds: [FoldScores], _ share: Double, into body: inout Markup) {
    let over = Self.grid.dropFirst().map { x in OverFolds(folds.map { $0.precision(atRecall: x) }, share: share) }
    let prevalence = folds.reduce(0) { $0 + $1.positives } / folds.reduce(0) { $0 + $1.rowCount }
    draw(
      "Precision and recall",
      "Precision against recall, \(folds.count) folds and their mean; a coin would have \(Digits.short(prevalence))",
      "recall",
      "precision", folds.map { fold in Self.grid.dropFirst().map { ChartPoint($0, fold.precision(atRecall: $0)) } },
      over,
      reference: [ChartPoint(0, prevalence), ChartPoint(1, prevalence)], from: 1, into: &body)
  }

  private func draw(
    _ title: String, _ label: String, _ x: String, _ y: String, _ folds: [[ChartPoint]], _ over: [OverFolds],
    reference: [ChartPoint], from first: Int, into body: inout Markup
  ) {
    body.element("h3", text: title)
    let grid = Array(Self.grid.dropFirst(first))
    let banded = zip(grid, over).filter { $1.interval != nil }
    LineChart(
      Plot(width: 420, height: 300, label: label, xTitle: x, yTitle: y),
      lines: [LineChart.Line(reference, style: "reference")]
        + folds.map { LineChart.Line($0, style: "fold") }
        + [LineChart.Line(zip(grid, over).map { ChartPoint($0, $1.mean) }, style: "best", title: "mean")],
      bands: [
        LineChart.Band(
          lower: banded.map { ChartPoint($0, $1.interval?.lowerBound ?? 0) },
          upper: banded.map { ChartPoint($0, $1.interval?.upperBound ?? 0) })
      ], including: [ChartPoint(0, 0), ChartPoint(1, 1)]
    ).draw(into: &body)
  }

  private func calibration(_ folds: [FoldScores], into body: inout Markup) {
    body.element("h3", text: "Calibration")
    let groups = CalibrationGroup.groups(of: folds)
    let high = groups.map { max($0.predicted, $0.wilson.upperBound) }.max() ?? 1
    LineChart(
      Plot(
        width: 420, height: 300,
        label: "Share of positives against predicted probability, \(groups.count) groups of all folds' rows",
        xTitle: "predicted", yTitle: "observed"),
      lines: [
        LineChart.Line([ChartPoint(0, 0), ChartPoint(high, high)], style: "reference"),
        LineChart.Line(groups.map { ChartPoint($0.predicted, $0.observed) }, style: "best"),
      ]
        + groups.map { group in
          LineChart.Line(
            [
              ChartPoint(group.predicted, group.wilson.lowerBound),
              ChartPoint(group.predicted, group.wilson.upperBound),
            ],
            style: "whisker",
            title: "\(Digits.short(group.predicted)) predicted, \(Digits.short(group.observed)) observed, "
              + "\(rowCount(Int(group.rowCount))) rows")
        }, dots: [LineChart.Dots(groups.map { ChartPoint($0.predicted, $0.observed) }, style: "best")],
      including: [ChartPoint(0, 0), ChartPoint(high, high)]
    ).draw(into: &body)
  }

  /// A length of stay has no threshold: what was said against what came.
  private func values(_ folds: [FoldScores], into body: inout Markup) {
    body.element("div") { body in
      body.element("h3", text: "Calibration")
      let groups = CalibrationGroup.groups(of: folds)
      let points = groups.map { ChartPoint($0.predicted, $0.observed) }
      let ends = points.flatMap { [$0.x, $0.y] }
      let (low, high) = (ends.min() ?? 0, ends.max() ?? 1)
      LineChart(
        Plot(
          width: 420, height: 300,
          label: "Mean label against mean prediction, \(groups.count) groups of all folds' rows",
          xTitle: "predicted", yTitle: "observed"),
        lines: [
          LineChart.Line([ChartPoint(low, low), ChartPoint(high, high)], style: "reference"),
          LineChart.Line(points, style: "best"),
        ], dots: [LineChart.Dots(points, style: "best")]
      ).draw(into: &body)
    }
  }

  private func table(_ folds: [FoldScores], _ share: Double, into body: inout Markup) {
    let highest = folds.compactMap { $0.bins.first?.low }.min() ?? 0
    let thresholds = Self.thresholds.filter { $0 <= highest }
    guard !folds.isEmpty, !thresholds.isEmpty else { return }
    body.element("h3", text: "Thresholds")
    body.table(
      "What flagging every score from a threshold on does",
      [
        .number("Threshold"), .number("Flagged"), .number("Sensitivity"), .number("Specificity"), .number("PPV"),
        .number("NPV"), .number("Net benefit"),
      ]
    ) { rows in
      for threshold in thresholds {
        rows.element("tr") { row in
          row.element("th", ["scope": "row", "class": "n"], text: Digits.short(threshold))
          for value in Self.values(threshold) {
            let over = OverFolds(folds.map(value), share: share, within: value(folds[0]) < 0 ? -1...1 : 0...1)
            let interval = over.interval.map {
              " [\(Digits.fixed($0.lowerBound, 3)), \(Digits.fixed($0.upperBound, 3))]"
            }
            row.number(Digits.fixed(over.mean.isFinite ? over.mean : nil, 3) + (interval ?? ""))
          }
        }
      }
    }
    body.element(
      "p", ["class": "under"],
      text:
        "Net benefit: true positives less false positives weighed by the threshold's odds, a row (Vickers and Elkin 2006)."
    )
  }

  /// The table's columns for one fold.
  private static func values(_ threshold: Double) -> [(FoldScores) -> Double] {
    func counts(_ body: @escaping (Double, Double, FoldScores) -> Double) -> (FoldScores) -> Double {
      { fold in
        let (truePositives, falsePositives) = fold.flagged(from: threshold)
        return body(truePositives, falsePositives, fold)
      }
    }
    return [
      counts { ($0 + $1) / $2.rowCount }, counts { $0 / $2.positives }, counts { 1 - $1 / $2.negatives },
      counts { truePositives, falsePositives, _ in truePositives / (truePositives + falsePositives) },
      counts { ($2.negatives - $1) / ($2.rowCount - $0 - $1) },
      counts { ($0 - $1 * threshold / (1 - threshold)) / $2.rowCount },
    ]
  }
}
