// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Points of the unit cube, axis by axis, in blocks of four rows; NaN where a point lacks an axis.
struct PointColumns: Sendable {
  private(set) var count = 0
  /// [d][⌈N/4⌉]
  private(set) var blocks: [[SIMD4<Double>]]
  /// [d]: points that lack the axis.
  private(set) var lackCounts: [Int]

  init(axisCount: Int) {
    blocks = Array(repeating: [], count: axisCount)
    lackCounts = Array(repeating: 0, count: axisCount)
  }

  mutating func append(_ point: [Double]) {
    for axis in blocks.indices {
      if count % 4 == 0 { blocks[axis].append(SIMD4()) }
      blocks[axis][count / 4][count % 4] = point[axis]
      if point[axis].isNaN { lackCounts[axis] += 1 }
    }
    count += 1
  }

  mutating func truncate(to count: Int) {
    guard count < self.count else { return }
    for axis in blocks.indices {
      for row in count..<self.count where blocks[axis][row / 4][row % 4].isNaN { lackCounts[axis] -= 1 }
      blocks[axis].removeLast(blocks[axis].count - (count + 3) / 4)
    }
    self.count = count
  }
}

/// Matérn 5/2 over mixed axes, for one point and many at a time.
struct MaternKernel: Sendable {
  private let isOrdered: [Bool]
  /// [d]: 5/ℓ².
  private let weights: [Double]
  let signal: Double

  init(_ scales: GaussianScales, isOrdered: [Bool]) {
    self.isOrdered = isOrdered
    weights = scales.logWeights.map { 5 * exp($0) }
    signal = exp(scales.logSignal)
  }

  /// [N]: covariances of `points` with one more.
  func covariances(_ points: PointColumns, to point: [Double]) -> [Double] {
    let blockCount = (points.count + 3) / 4
    let values = [SIMD4<Double>](unsafeUninitializedCapacity: blockCount) { squares, filled in
      for block in 0..<blockCount { squares[block] = SIMD4() }
      for axis in weights.indices {
        let (weight, here) = (SIMD4(repeating: weights[axis]), SIMD4(repeating: point[axis]))
        points.blocks[axis].withUnsafeBufferPointer { column in
          if isOrdered[axis], !point[axis].isNaN, points.lackCounts[axis] == 0 {
            for block in 0..<blockCount {
              let off = column[block] - here
              squares[block] += weight * (off * off)
            }
          } else {
            for block in 0..<blockCount {
              for lane in 0..<4 {
                squares[block][lane] += weights[axis] * square(column[block][lane], point[axis], isOrdered[axis])
              }
            }
          }
        }
      }
      for block in 0..<blockCount { squares[block] = signal * matern(squares[block].squareRoot()) }
      filled = blockCount
    }
    return [Double](unsafeUninitializedCapacity: 4 * blockCount) { flat, filled in
      for block in 0..<blockCount {
        for lane in 0..<4 { flat[4 * block + lane] = values[block][lane] }
      }
      filled = points.count
    }
  }

  private func square(_ left: Double, _ right: Double, _ isOrdered: Bool) -> Double {
    if left.isNaN || right.isNaN {
      if left.isNaN && right.isNaN { return 0 }
      let off = (left.isNaN ? right : left) - 0.5
      return isOrdered ? off * off + 1.0 / 6 : 0.5
    }
    let off = left - right
    return isOrdered ? off * off : (abs(off) < 1e-9 ? 0 : 1)
  }
}

/// (1 + r + r²/3)·e⁻ʳ for r ≥ 0, √5 within it.
@inline(__always)
private func matern(_ r: SIMD4<Double>) -> SIMD4<Double> { (1 + r + r * r * (1.0 / 3)) * decay(r) }

/// e⁻ʳ to 2 units in the last place, the same bits on every machine: 2ᵏ·e^f with |f| ≤ ln 2 / 2 and Taylor's series to f¹².
@inline(__always)
private func decay(_ r: SIMD4<Double>) -> SIMD4<Double> {
  let x = -r.replacing(with: 700, where: r .> 700)
  // Adding 1.5·2⁵² leaves the nearest whole number in the low bits.
  let shifted = x * 1.4426950408889634 + 0x1.8p52
  let k = shifted - 0x1.8p52
  let f = x - k * 0x1.62e42fefa39efp-1 - k * 0x1.abc9e3b39803fp-56
  let (high, middle) = (f * (1.0 / 479_001_600) + 1.0 / 39_916_800, f * (1.0 / 3_628_800) + 1.0 / 362_880)
  var sum = (high * (f * f) + middle) * f + 1.0 / 40_320
  sum = (sum * f + 1.0 / 5_040) * f + 1.0 / 720
  sum = (sum * f + 1.0 / 120) * f + 1.0 / 24
  sum = (sum * f + 1.0 / 6) * f + 0.5
  sum = (sum * f + 1) * f + 1
  let power = (unsafeBitCast(shifted, to: SIMD4<UInt64>.self) &+ 1_023) &<< 52
  return sum * unsafeBitCast(power, to: SIMD4<Double>.self)
}
