// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RecurrentNets

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite struct KernelTests {
  /// Goal: σ and tanh within a few roundings of the exact value, tanh relatively so also near 0. Method: 40,001 points
  /// over ±20, and powers of ten down to 1e-30, against libm's doubles.
  @Test func sigmoidAndTanh_areExactToRounding() {
    var points = (-20_000...20_000).map { Float($0) / 1_000 }
    for power in 1...30 {
      let small = Float(pow(10, -Double(power)))
      points += [small, -small]
    }
    for x in points {
      let (s, t) = (1 / (1 + exp(-Double(x))), tanh(Double(x)))
      #expect(abs(Double(sigmoid(x)) - s) <= 1.2e-7 * max(s, 1e-3), "σ(\(x)) = \(sigmoid(x))")
      #expect(abs(Double(hyperbolicTangent(x)) - t) <= 3e-7 * abs(t), "tanh(\(x)) = \(hyperbolicTangent(x))")
    }
  }

  @Test func sigmoidAndTanh_saturateAtTheEnds() {
    #expect(sigmoid(200) == 1 && sigmoid(-200) < 1e-37 && sigmoid(-200) >= 0 && sigmoid(0) == 0.5)
    #expect(hyperbolicTangent(200) == 1 && hyperbolicTangent(-200) == -1 && hyperbolicTangent(0) == 0)
    #expect(sigmoid(.infinity) == 1 && hyperbolicTangent(-.infinity) == -1)
  }

  /// Goal: a row's value does not depend on where in an array it lies. Method: each value alone and in loops of every
  /// length up to 40, bit for bit.
  @Test func loops_giveTheSameBitsAtEveryLength() {
    let values = (0..<40).map { Float($0 * 37 % 40) / 7 - 3 }
    for count in 1...40 {
      var squashed = values
      var opened = values
      applyTanh(&squashed, count)
      applySigmoid(&opened, count)
      for index in 0..<count {
        #expect(squashed[index] == hyperbolicTangent(values[index]) && opened[index] == sigmoid(values[index]))
      }
    }
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
