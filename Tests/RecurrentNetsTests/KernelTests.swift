// SPDX-License-Identifier: Apache-2.0

import Randomness
import Testing

@testable import RecurrentNets

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct KernelTests {
  /// Goal: e^x and tanh within 2 ulp of the exact value, σ within 2.5. Method: a float in every 3,001 of all that are finite, and all
  /// multiples of 1/1024 up to 20, against libm's doubles; σ below 1.2e-38 is no normal float and exempt.
  @Test func exponentials_areWithinTwoUlp() {
    func ulps(_ found: Float, _ exact: Double) -> Double {
      abs(Double(found) - exact) / Double(max(Float(abs(exact)).ulp, Float.leastNormalMagnitude.ulp))
    }
    var points = (-20_480...20_480).map { Float($0) / 1_024 }
    for pattern in stride(from: UInt32(0), to: 0x7F80_0000, by: 3_001) {
      points += [Float(bitPattern: pattern), -Float(bitPattern: pattern)]
    }
    var worst = (exponential: 0.0, sigmoid: 0.0, tanh: 0.0)
    for x in points {
      let vector = Vector(repeating: x)
      if abs(x) < 87 {
        worst.exponential = max(worst.exponential, ulps(exponential(vector)[3], exp(Double(x))))
        worst.sigmoid = max(worst.sigmoid, ulps(sigmoid(vector)[3], 1 / (1 + exp(-Double(x)))))
      }
      worst.tanh = max(worst.tanh, ulps(hyperbolicTangent(vector)[3], tanh(Double(x))))
    }
    #expect(worst.exponential <= 2 && worst.sigmoid <= 2.5 && worst.tanh <= 2, "\(worst)")
  }

  @Test func sigmoidAndTanh_saturateAtTheEnds() {
    func one(_ f: (Vector) -> Vector, _ x: Float) -> Float { f(Vector(repeating: x))[0] }
    #expect(one(sigmoid, 200) == 1 && one(sigmoid, -200) < 1e-37 && one(sigmoid, -200) >= 0 && one(sigmoid, 0) == 0.5)
    #expect(one(hyperbolicTangent, 200) == 1 && one(hyperbolicTangent, -200) == -1 && one(hyperbolicTangent, 0) == 0)
    #expect(one(sigmoid, .infinity) == 1 && one(hyperbolicTangent, -.infinity) == -1)
  }

  /// Goal: a value does not depend on where in an array it lies. Method: each value alone and in loops of every length up
  /// to 40, bit for bit.
  @Test func loops_giveTheSameBitsAtEveryLength() {
    let values = (0..<40).map { Float($0 * 37 % 40) / 7 - 3 }
    for count in 1...40 {
      var (squashed, raised) = (values, values)
      applyTanh(&squashed, count)
      applyExponential(&raised, count)
      for index in 0..<count {
        let vector = Vector(repeating: values[index])
        #expect(squashed[index] == hyperbolicTangent(vector)[0] && raised[index] == exponential(vector)[0])
      }
    }
  }

  /// Goal: the packed product is the product, for every remainder of rows and columns, and a row's bits do not depend on the
  /// rows beside it, nor on AVX-512. Method: sums in doubles; the last row once more alone; all once more without AVX-512 (on
  /// a machine that has none, both are the same).
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 20, 27], [8, 16, 24, 48, 64, 96, 200])
  func packedProduct_equalsTheSums(rows: Int, columns: Int) {
    let inner = 13
    var random = CounterGenerator(key: UInt64(rows * 1_000 + columns))
    let a = (0..<rows * inner).map { _ in Float(random.normal()) }
    let w = (0..<inner * columns).map { _ in Float(random.normal()) }
    let turned = (0..<columns * inner).map { w[$0 % inner * columns + $0 / inner] }
    let bias = (0..<columns).map { _ in Float(random.normal()) }
    let buffer = FloatBuffer(PackedMatrix.count(inner: inner, columns: columns))
    let matrix = PackedMatrix(inner: inner, columns: columns, panels: buffer.base)
    for orientation in [Orientation.plain, .transposed] {
      matrix.pack(orientation == .plain ? w : turned, orientation)
      var c = [Float](repeating: 1, count: rows * columns)
      matrix.multiply(a, rows: rows, into: &c, from: .zero)
      var added = c
      added.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress { matrix.multiply(a, rows: rows, into: base, from: .sum) }
      }
      var biased = [Float](repeating: 9, count: rows * columns)
      bias.withUnsafeBufferPointer { bias in
        if let base = bias.baseAddress { matrix.multiply(a, rows: rows, into: &biased, from: .bias(base)) }
      }
      for row in 0..<rows {
        for column in 0..<columns {
          var sum = 0.0
          for k in 0..<inner { sum += Double(a[row * inner + k]) * Double(w[k * columns + column]) }
          let index = row * columns + column
          #expect(abs(Double(c[index]) - sum) < 1e-5 && abs(Double(added[index]) - 2 * sum) < 2e-5)
          #expect(abs(Double(biased[index]) - sum - Double(bias[column])) < 1e-5)
        }
      }
      var alone = [Float](repeating: 0, count: columns)
      matrix.multiply(Array(a.suffix(inner)), rows: 1, into: &alone, from: .zero)
      #expect(alone == Array(c.suffix(columns)))
      var narrow = [Float](repeating: 1, count: rows * columns)
      matrix.multiply(a, rows: rows, into: &narrow, from: .zero, isWide: false)
      #expect(narrow == c)
    }
  }

  /// Goal: several products with one turned factor are the sums over all cells, in blocks or not, for any width. Method: sums
  /// in doubles; filled twice, for nothing may be left of the first. With AVX-512 the bits are the same.
  @Test(arguments: [1, 63, 64, 65, 255, 256, 257, 600]) func turnedProducts_areTheSumsOverCells(cells: Int) {
    // Less than a panel, whole panels, both, and rows too long to be read as they lie.
    for widths in [[13, 24], [32, 76], [128, 141]] {
      let narrow = turned(cells: cells, widths: widths, isWide: false)
      if PackedMatrix.isCPUWide { #expect(turned(cells: cells, widths: widths, isWide: true) == narrow) }
    }
  }

  private func turned(cells: Int, widths: [Int], isWide: Bool) -> [[Float]] {
    let rows = 40
    var random = CounterGenerator(key: UInt64(cells))
    let a = (0..<cells * rows).map { _ in Float(random.normal()) }
    let factors = widths.map { width in (0..<cells * width).map { _ in Float(random.normal()) } }
    let results = widths.map { FloatBuffer(rows * $0) }
    let products = TurnedProducts(rows: rows, columns: widths, isWide: isWide)
    for _ in 0..<2 {
      factors[0].withUnsafeBufferPointer { first in
        factors[1].withUnsafeBufferPointer { second in
          guard let first = first.baseAddress, let second = second.baseAddress else { return }
          products.fill(a, cells: cells, [(b: first, c: results[0].base), (b: second, c: results[1].base)])
        }
      }
    }
    for (index, width) in widths.enumerated() {
      for row in 0..<rows {
        for column in 0..<width {
          var sum = 0.0
          for cell in 0..<cells { sum += Double(a[cell * rows + row]) * Double(factors[index][cell * width + column]) }
          #expect(abs(Double(results[index].base[row * width + column]) - sum) < 2e-4)
        }
      }
    }
    return results.map { Array(UnsafeBufferPointer(start: $0.base, count: $0.count)) }
  }

  @Test(arguments: [1, 7, 8, 9, 31, 64])
  func dot_addsEveryProduct(count: Int) {
    let a = (0..<count).map { Float($0 % 5 + 1) }
    let b = (0..<count).map { Float($0 % 3 - 1) }
    #expect(dot(a, b, count) == zip(a, b).map { $0 * $1 }.reduce(0, +))
  }

  /// Goal: both orientations mean what they say. Method: 2 × 3 by 3 × 2 on paper.
  @Test func multiply_readsBothOrientations() {
    let a: [Float] = [1, 2, 3, 4, 5, 6]
    let b: [Float] = [7, 8, 9, 10, 11, 12]
    var c: [Float] = [1, 1, 1, 1]
    multiply(a, .plain, b, .plain, rows: 2, columns: 2, inner: 3, into: &c, isAdding: true)
    #expect(c == [59, 65, 140, 155])
    multiply(a, .plain, b, .transposed, rows: 2, columns: 2, inner: 3, into: &c)
    #expect(c == [50, 68, 122, 167])
    multiply(a, .transposed, b, .plain, rows: 2, columns: 2, inner: 3, into: &c)
    #expect(c == [89, 98, 116, 128])
  }
}
