// SPDX-License-Identifier: Apache-2.0

/// Statistics of one channel of one unit, one value at a time, in any order of time.
///
/// Mean and squares by Welford 1962; the sums run in the order of the file, so the same file gives the same bits.
struct RunningStatistics {
  private(set) var count: Int32 = 0
  private(set) var abnormalCount: Int32 = 0
  private(set) var last = Float.nan
  private(set) var min = Float.nan
  private(set) var max = Float.nan
  private var mean = 0.0
  private var squares = 0.0
  private var lastKey = Int64.min

  /// - Parameter priority: 0 to 63; of two values of one time the lower number is the last value, of two of one item and
  ///   time the later row.
  @inline(__always)
  mutating func add(_ observed: Observed<Float>, priority: Int, isAbnormal: Bool = false) {
    let value = observed.value
    let key = observed.time << 6 | Int64(63 - priority)
    if key >= lastKey {
      lastKey = key
      last = value
    }
    min = count == 0 ? value : Swift.min(min, value)
    max = count == 0 ? value : Swift.max(max, value)
    count += 1
    if isAbnormal { abnormalCount += 1 }
    let difference = Double(value) - mean
    mean += difference / Double(count)
    squares += difference * (Double(value) - mean)
  }

  var average: Float { count == 0 ? .nan : Float(mean) }
  /// Sample standard deviation; NaN below two values.
  var deviation: Float { count < 2 ? .nan : Float((squares / Double(count - 1)).squareRoot()) }
  /// Share of the values that the laboratory flagged.
  var abnormalShare: Float { count == 0 ? .nan : Float(abnormalCount) / Float(count) }
}
