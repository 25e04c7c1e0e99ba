// SPDX-License-Identifier: Apache-2.0

import RecurrentNets
import Shards

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
struct SequencePreparation: Sendable {
  private let means: [Double]
  private let scales: [Double]
  private let statics: ColumnScaling

  init(_ dataset: Dataset, fittedOn rows: [Int]) {
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

  func apply(_ dataset: Dataset, _ rows: [Int]) -> SequenceBatch {
    let (steps, channels) = (dataset.stepCount, dataset.channelCount)
    let inputCount = 3 * channels
    var inputs = [Float](repeating: 0, count: rows.count * steps * inputCount)
    var elapsed = [Float](repeating: 0, count: rows.count * steps)
    let longest = log(1 + Double(steps))
    for (position, row) in rows.enumerated() {
      let values = dataset.sequenceRow(row)
      var last = [Double](repeating: 0, count: channels)
      var age = [Int](repeating: steps, count: channels)
      var hoursSinceAny = 0
      for step in 0..<steps {
        elapsed[position * steps + step] = Float(hoursSinceAny)
        let start = (position * steps + step) * inputCount
        var isObserved = false
        for channel in 0..<channels {
          let value = values[step * channels + channel]
          if value.isNaN {
            age[channel] = min(age[channel] + 1, steps)
          } else {
            last[channel] = min(max((Double(value) - means[channel]) * scales[channel], -10), 10)
            age[channel] = 0
            isObserved = true
            inputs[start + channels + channel] = 1
          }
          inputs[start + channel] = Float(last[channel])
          inputs[start + 2 * channels + channel] = Float(log(1 + Double(age[channel])) / longest)
        }
        hoursSinceAny = isObserved ? 1 : hoursSinceAny + 1
      }
    }
    return SequenceBatch(
      inputs: inputs, elapsed: elapsed, statics: statics.apply(dataset, rows), rowCount: rows.count, stepCount: steps,
      inputCount: inputCount, staticCount: statics.outputCount)
  }
}
