// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters
package import Sweeps

/// Held-out rows by score, ascending: what a curve over thresholds may be drawn from without any row's score.
///
/// Scores fall into the cells of a fixed grid, 32 to an octave of the distance from 0 and, for probabilities, from 1; from the
/// highest down, cells are merged until a bin has 11 rows, 11 or none of either class, and a quarter of all above it (at most
/// a tenth of all). Small at the top, where alarms are set. Sums are taken in the order of the rows: equal inputs, equal bits.
///
/// - Parameters:
///   - predictions: finite; probabilities of label 1, or values in the label's unit [N].
///   - labels: 0 and 1, or reals [N].
/// - Returns: empty where no such bins exist: fewer than 11 rows, or 1 to 10 of one class.
package func scoreBins(predictions: [Float], labels: [Float], objective: ObjectiveKind) -> [ScoreBin] {
  let isBinary = objective == .binary
  var cells: [Int: BinSum] = [:]
  for (prediction, label) in zip(predictions, labels) {
    let cell = isBinary ? ScoreGrid.cell(probability: prediction) : ScoreGrid.cell(prediction)
    cells[cell, default: BinSum(cell: cell)].add(prediction, label)
  }
  var bins: [BinSum] = []
  var (open, seen) = (BinSum?.none, 0)
  for cell in cells.values.sorted(by: { $0.cell > $1.cell }) {
    var sum = cell
    if let open { sum.add(open) }
    guard sum.isShown(isBinary), sum.rowCount >= min(seen / 4, predictions.count / 10) else {
      open = sum
      continue
    }
    bins.append(sum)
    seen += sum.rowCount
    open = nil
  }
  // What is left at the bottom joins the bin above it, and that the next, until none of them is small.
  while var sum = open, let above = bins.popLast() {
    sum.add(above)
    open = sum
    if sum.isShown(isBinary) {
      bins.append(sum)
      open = nil
    }
  }
  guard open == nil else { return [] }
  return bins.reversed().map { sum in
    ScoreBin(
      low: isBinary ? ScoreGrid.low(probabilityCell: sum.cell) : ScoreGrid.low(sum.cell), rowCount: sum.rowCount,
      prediction: Float(sum.predictions / Double(sum.rowCount)), labelSum: sum.labels)
  }
}

private struct BinSum {
  /// The lowest of its cells.
  private(set) var cell: Int
  private(set) var rowCount = 0
  private(set) var predictions = 0.0
  private(set) var labels = 0.0

  init(cell: Int) { self.cell = cell }

  mutating func add(_ prediction: Float, _ label: Float) {
    rowCount += 1
    predictions += Double(prediction)
    labels += Double(label)
  }

  mutating func add(_ other: BinSum) {
    cell = min(cell, other.cell)
    rowCount += other.rowCount
    predictions += other.predictions
    labels += other.labels
  }

  func isShown(_ isBinary: Bool) -> Bool {
    func isSmall(_ count: Int) -> Bool { (1..<ScoreBin.rowCountMin).contains(count) }
    guard rowCount >= ScoreBin.rowCountMin else { return false }
    return !isBinary || (!isSmall(Int(labels)) && !isSmall(rowCount - Int(labels)))
  }
}

/// Cells by the leading bits of a number: no logarithm, whose last bit differs between machines.
enum ScoreGrid {
  /// Of a Float's 23 bits of mantissa, five stay.
  private static let shift: UInt32 = 18
  private static let half = Int(Float(0.5).bitPattern >> shift)

  static func cell(_ value: Float) -> Int {
    let magnitude = Int(value.magnitude.bitPattern >> shift)
    return value < 0 ? -magnitude - 1 : magnitude
  }

  /// The lowest value of the cell.
  static func low(_ cell: Int) -> Float { cell < 0 ? -magnitude(-cell) : magnitude(cell) }

  /// As fine towards 1 as towards 0.
  static func cell(probability: Float) -> Int {
    let value = min(max(probability, 0), 1)
    // 1 − p is exact here.
    return value < 0.5 ? cell(value) : 2 * half - cell(1 - value)
  }

  static func low(probabilityCell cell: Int) -> Float {
    cell < half ? magnitude(cell) : max(0.5, 1 - magnitude(2 * half - cell + 1))
  }

  private static func magnitude(_ cell: Int) -> Float { Float(bitPattern: UInt32(cell) << shift) }
}
