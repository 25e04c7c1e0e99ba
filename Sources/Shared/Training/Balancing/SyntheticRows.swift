// SPDX-License-Identifier: Apache-2.0

import Models
import Randomness
import Shards

/// Rows between a row of the rare class and one of its nearest neighbours of that class.
///
///     x = a + u·(b − a),  u uniform on [0, 1),  b one of the k rows nearest to a
///
/// Near is meant over columns standardised by the fitted rows, a missing value as the mean. What a row has not, its synthetic
/// child has not either; what only the neighbour lacks is the row's own. A column of at most two values stays so: the child
/// takes the row's or the neighbour's, for half a sex or half a diagnosis is none (Chawla et al. 2002, section 6.1, says so
/// of nominal columns).
///
/// - Source: Chawla, Bowyer, Hall & Kegelmeyer 2002, "SMOTE", Journal of Artificial Intelligence Research 16, section 4.2.
struct SyntheticRows {
  /// Neighbours are looked for among so many rows at most, drawn by the seed: all pairs of a large cohort would take hours.
  static let candidateCountMax = 2_000

  private let dataset: Dataset
  private let rare: [Int]
  private let scaling: ColumnScaling
  private let isTwoValued: [Bool]
  private let neighbourCount: Int

  init(_ dataset: Dataset, rare: [Int], fitted: [Int], neighbourCount: Int) {
    self.dataset = dataset
    self.rare = rare
    self.neighbourCount = neighbourCount
    scaling = ColumnScaling(dataset, fittedOn: fitted, withIndicators: false)
    isTwoValued = (0..<dataset.columnCount).map { column in
      var seen: [Float] = []
      for row in fitted {
        let value = dataset.tabularRow(row)[column]
        if value.isNaN || seen.contains(value) { continue }
        seen.append(value)
        if seen.count > 2 { return false }
      }
      return true
    }
  }

  /// [count, F] raw values. A rare class of one row is repeated: it has no neighbour.
  func draw(_ count: Int, _ random: inout CounterGenerator) -> [Float] {
    var candidates = rare
    if candidates.count > Self.candidateCountMax {
      random.shuffle(&candidates)
      candidates = candidates.prefix(Self.candidateCountMax).sorted()
    }
    let points = scaling.apply(dataset, candidates)
    var known: [Int: [Int]] = [:]
    var values: [Float] = []
    values.reserveCapacity(count * dataset.columnCount)
    for _ in 0..<count {
      let row = rare[random.below(rare.count)]
      let near = known[row] ?? neighbours(of: row, candidates, points)
      known[row] = near
      let other = near.isEmpty ? row : near[random.below(near.count)]
      append(row, other, at: random.uniform(), to: &values)
    }
    return values
  }

  /// The nearest of the candidates, itself left out; ties by the row's number.
  private func neighbours(of row: Int, _ candidates: [Int], _ points: [Float]) -> [Int] {
    let point = scaling.apply(dataset, [row])
    let width = scaling.outputCount
    var distances: [(distance: Float, row: Int)] = []
    distances.reserveCapacity(candidates.count)
    points.withUnsafeBufferPointer { points in
      point.withUnsafeBufferPointer { point in
        for (position, candidate) in candidates.enumerated() where candidate != row {
          var sum: Float = 0
          for column in 0..<width {
            let difference = points[position * width + column] - point[column]
            sum += difference * difference
          }
          distances.append((sum, candidate))
        }
      }
    }
    distances.sort { ($0.distance, $0.row) < ($1.distance, $1.row) }
    return distances.prefix(neighbourCount).map(\.row)
  }

  private func append(_ row: Int, _ other: Int, at share: Double, to values: inout [Float]) {
    let (own, neighbour) = (dataset.tabularRow(row), dataset.tabularRow(other))
    for column in 0..<dataset.columnCount {
      if own[column].isNaN || neighbour[column].isNaN {
        values.append(own[column])
      } else if isTwoValued[column] {
        values.append(share < 0.5 ? own[column] : neighbour[column])
      } else {
        values.append(Float(Double(own[column]) + share * (Double(neighbour[column]) - Double(own[column]))))
      }
    }
  }
}
