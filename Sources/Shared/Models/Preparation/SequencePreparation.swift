// SPDX-License-Identifier: Apache-2.0

package import RecurrentNets
package import Shards

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Hourly sequences as the network takes them: per channel the standardised value (the last one before it where none was
/// taken, the fitted rows' mean before the first), whether it was taken in this hour, and for how long it is known.
///
///     inputs [N, T, 3C] = z | mask | log(1 + hours since the channel was observed) / log(1 + T)
///     elapsed [N, T]    = hours since the step before with any observation
package struct SequencePreparation: Sendable {
  package let means: [Double]
  package let scales: [Double]
  package let statics: ColumnScaling

  /// One that was fitted before.
  init(means: [Double], scales: [Double], statics: ColumnScaling) {
    (self.means, self.scales, self.statics) = (means, scales, statics)
  }

  package init(_ dataset: Dataset, fittedOn rows: [Int]) {
    let channelCount = dataset.channelCount
    var counts = [Int](repeating: 0, count: channelCount)
    var sums = [Double](repeating: 0, count: channelCount)
    var squares = [Double](repeating: 0, count: channelCount)
    for row in rows {
      for (index, value) in dataset.sequenceRow(row).enumerated() where !value.isNaN {
        counts[index % channelCount] += 1
        sums[index % channelCount] += Double(value)
      }
    }
    let means = zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : 0 }
    for row in rows {
      for (index, value) in dataset.sequenceRow(row).enumerated() where !value.isNaN {
        let deviation = Double(value) - means[index % channelCount]
        squares[index % channelCount] += deviation * deviation
      }
    }
    self.means = means
    scales = zip(squares, counts).map { square, count in
      let sd = count > 1 ? (square / Double(count - 1)).squareRoot() : 0
      return sd > 1e-9 ? 1 / sd : 0
    }
    statics = ColumnScaling(dataset, fittedOn: rows, withIndicators: false)
  }

  /// The rows, prepared when a mini-batch asks for them: none but the statics are held beside the mapped shards.
  package func rows(_ dataset: Dataset, _ rows: [Int]) -> PreparedSequences {
    let steps = dataset.stepCount
    let longest = log(1 + Double(steps))
    return PreparedSequences(
      dataset: dataset, rows: rows, means: means, scales: scales,
      ages: (0...steps).map { Float(log(1 + Double($0)) / longest) }, statics: statics.apply(dataset, rows),
      staticCount: statics.outputCount)
  }
}

/// Rows of a data set as `SequencePreparation` describes them.
package struct PreparedSequences: SequenceRows {
  let dataset: Dataset
  let rows: [Int]
  let means: [Double]
  let scales: [Double]
  /// By hours since the channel was observed, 0...T.
  let ages: [Float]
  /// [N, S]
  let statics: [Float]
  package let staticCount: Int

  package var rowCount: Int { rows.count }
  package var stepCount: Int { dataset.stepCount }
  package var inputCount: Int { 3 * dataset.channelCount }
  package var channelCount: Int { dataset.channelCount }

  package func length(_ row: Int) -> Int { dataset.stepCount }

  /// Standardised values are cut at ±10: one mistyped number must not steer a whole mini-batch.
  package func copy(_ row: Int, to places: SequencePlaces) {
    let (steps, channels) = (dataset.stepCount, dataset.channelCount)
    let values = dataset.sequenceRow(rows[row])
    withUnsafeTemporaryAllocation(of: (last: Float, age: Int).self, capacity: channels) { known in
      known.initialize(repeating: (0, steps))
      var hoursSinceAny = 0
      for step in 0..<steps {
        let cell = places.cell(step)
        let target = places.inputs + cell * places.inputStride
        places.elapsed[cell] = Float(hoursSinceAny)
        var isObserved = false
        for channel in 0..<channels {
          let value = values[step * channels + channel]
          let isMissing = value.isNaN
          if isMissing {
            known[channel].age = min(known[channel].age + 1, steps)
          } else {
            known[channel] = (Float(min(max((Double(value) - means[channel]) * scales[channel], -10), 10)), 0)
            isObserved = true
          }
          target[channel] = known[channel].last
          target[channels + channel] = isMissing ? 0 : 1
          target[2 * channels + channel] = ages[known[channel].age]
        }
        hoursSinceAny = isObserved ? 1 : hoursSinceAny + 1
      }
    }
    for column in 0..<staticCount { places.statics[column] = statics[row * staticCount + column] }
  }

  /// Shards hold finite numbers and NaN; what is made of them here is finite.
  package func check(_ name: String) throws(RecurrentNetError) {
    guard rowCount > 0, stepCount > 0, channelCount > 0 else {
      throw RecurrentNetError(
        .badShape, subject: name, expected: "at least one row, step and channel",
        found: "\(rowCount) rows × \(stepCount) steps × \(channelCount) channels")
    }
  }
}
