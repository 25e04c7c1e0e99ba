// SPDX-License-Identifier: Apache-2.0

import Randomness

/// Direction numbers by rule: a primitive polynomial over GF(2) for each dimension, in ascending order, and the initial
/// numbers that, of `candidateCount` drawn from a fixed stream, disturb the fewest pairs with the dimensions before.
enum SobolDirections {
  static let bitCount = 32
  private static let candidateCount = 48
  /// Pairs are judged with this many dimensions before; beyond, axes are too many for pairs to matter.
  private static let neighbourCount = 8

  static func make(dimensionCount: Int) -> [[UInt32]] {
    guard dimensionCount > 0 else { return [] }
    // The first dimension is van der Corput's sequence.
    var all = [(0..<bitCount).map { UInt32(1) << UInt32(31 - $0) }]
    var polynomials = PrimitivePolynomials()
    var generator = CounterGenerator(key: 0x50B0_1D1E)
    while all.count < dimensionCount {
      let polynomial = polynomials.next()
      var best: (faults: Int, directions: [UInt32])?
      for _ in 0..<candidateCount {
        let initial = (0..<polynomial.degree).map { UInt32(generator.below(1 << $0)) << 1 | 1 }
        let directions = extend(initial, polynomial)
        let faults = all.suffix(neighbourCount).reduce(0) { $0 + pairFaults($1, directions) }
        if best.map({ faults < $0.faults }) ?? true { best = (faults, directions) }
      }
      all.append(best?.directions ?? [])
    }
    return all
  }

  /// Bratley & Fox 1988, Algorithm 659: m_k = 2a₁m_{k−1} ⊕ … ⊕ 2ˢm_{k−s} ⊕ m_{k−s}, kept shifted to the top.
  private static func extend(_ initial: [UInt32], _ polynomial: PrimitivePolynomials.Polynomial) -> [UInt32] {
    let degree = polynomial.degree
    var directions = initial.enumerated().map { $1 << UInt32(31 - $0) }
    for k in degree..<bitCount {
      var value = directions[k - degree] ^ directions[k - degree] >> UInt32(degree)
      for term in 1..<max(degree, 1) where polynomial.bits >> (degree - term) & 1 == 1 {
        value ^= directions[k - term]
      }
      directions.append(value)
    }
    return directions
  }

  /// Over 16, 64 and 256 points: ways of cutting the square into as many equal boxes in which some box holds no point.
  private static func pairFaults(_ first: [UInt32], _ second: [UInt32]) -> Int {
    var faults = 0
    for depth in [4, 6, 8] {
      let points = (0..<(1 << depth)).map { (point($0, first), point($0, second)) }
      for split in 1..<depth {
        var seen = Array(repeating: false, count: 1 << depth)
        for (x, y) in points {
          seen[Int(x >> UInt32(32 - split)) << (depth - split) | Int(y >> UInt32(32 - depth + split))] = true
        }
        if seen.contains(false) { faults += 1 }
      }
    }
    return faults
  }

  private static func point(_ index: Int, _ directions: [UInt32]) -> UInt32 {
    (0..<8).reduce(0) { index >> $1 & 1 == 1 ? $0 ^ directions[$1] : $0 }
  }
}

/// Polynomials over GF(2) of which x generates all of the field, by degree and then by value.
struct PrimitivePolynomials {
  struct Polynomial {
    let degree: Int
    /// Bit i is the coefficient of xⁱ.
    let bits: Int
  }

  private var degree = 1
  private var bits = 0b1

  mutating func next() -> Polynomial {
    while true {
      bits += 2
      if bits >= 1 << (degree + 1) {
        degree += 1
        bits = 1 << degree | 1
      }
      if isPrimitive { return Polynomial(degree: degree, bits: bits) }
    }
  }

  private var isPrimitive: Bool {
    let order = 1 << degree - 1
    var (power, steps) = (1, 0)
    repeat {
      power <<= 1
      if power >> degree & 1 == 1 { power ^= bits }
      steps += 1
    } while power != 1 && steps <= order && power != 0
    return power == 1 && steps == order
  }
}
