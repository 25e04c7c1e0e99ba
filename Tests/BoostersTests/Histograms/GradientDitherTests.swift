// SPDX-License-Identifier: Apache-2.0

import Hyperparameters
import Randomness
import Testing

@testable import Boosters

@Suite struct GradientDitherTests {
  private let scale = GradientScale(
    gradients: .init(sum: 4_000, max: 1), hessians: .init(sum: 1_000, max: 0.25), rowHessian: 0, rowCount: 10_000)

  private func decode(_ word: Int64) -> (gradient: Double, hessian: Double) {
    (Double(word >> 38), Double((word >> 12) & 0x3FF_FFFF))
  }

  /// Goal: sums over alike rows do not drift. Method: 100,000 rows of one gradient, at several places within a quantum; the
  /// mean's standard error is at most 0.0016 quanta, rounding to the nearest would be off by up to 0.5.
  @Test(arguments: [0.1, 0.25, 0.5, 0.8], 1...3)
  func alikeRows_onAverage_areRight(fraction: Double, tree: Int) {
    let dither = GradientDither(tree: tree)
    let (gradient, hessian) = ((-7 + fraction) / scale.gradient, (3 + fraction) / scale.hessian)
    var sums = (gradient: 0.0, hessian: 0.0, product: 0.0)
    for row in 0..<100_000 as Range<UInt32> {
      let quanta = decode(scale.word(gradient: gradient, hessian: hessian, dither(row)))
      #expect([-7, -6].contains(quanta.gradient) && [3, 4].contains(quanta.hessian))
      sums.gradient += quanta.gradient + 7 - fraction
      sums.hessian += quanta.hessian - 3 - fraction
      sums.product += (quanta.gradient + 7 - fraction) * (quanta.hessian - 3 - fraction)
    }
    #expect(abs(sums.gradient) / 100_000 < 0.007)
    #expect(abs(sums.hessian) / 100_000 < 0.007)
    #expect(abs(sums.product) / 100_000 < 0.004, "the two round alike")
  }

  /// Goal: each tree rounds anew, or its errors would add up over trees.
  @Test func trees_roundApart() {
    let dithers = (0..<2).map { GradientDither(tree: $0) }
    let equal = (0..<10_000 as Range<UInt32>).count {
      (dithers[0]($0).gradient < 0.5) == (dithers[1]($0).gradient < 0.5)
    }
    #expect(abs(equal - 5_000) < 300)
  }

  /// Goal: rounding alone never splits a leaf. Method: one column tells all, thirty tell nothing, so two leaves' rows are all
  /// alike; the rows are many enough for coarse quanta.
  @Test func alikeRows_areNotSplit() throws {
    var random = CounterGenerator(key: 8)
    let labels = (0..<20_000).map { _ in random.uniform() < 0.3 ? Float(1) : 0 }
    let values = labels.flatMap { label in [label] + (0..<30).map { _ in Float(random.normal()) } }
    let rows = Case(values: values, labels: labels, columnCount: 31)
    let fit = try rows.fit(["trees": .integer(20), "min_leaf": .integer(1), "l2": .real(0)])
    #expect(fit.booster.trees.map(\.nodes.count) == Array(repeating: 1, count: 20))
  }
}
