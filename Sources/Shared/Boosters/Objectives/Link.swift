// SPDX-License-Identifier: Apache-2.0

/// eˣ and log(1 + x) without calls or branches, so that LLVM makes full-width SIMD of loops over them.
enum Link {
  /// eˣ for |x| ≤ 700, beyond that of ±700; relative error about 2e-16.
  ///
  /// - Source: Cody & Waite's reduction x = n·ln 2 + r in two parts, then Taylor's polynomial of degree 13 (|r| ≤ 0.347).
  @inline(__always) static func exponential(_ value: Double) -> Double {
    let high = value > 700 ? 700 : value
    let x = high < -700 ? -700 : high
    // Adding 1.5·2⁵² rounds to an integer and leaves it in the low bits.
    let shifted = x * 1.442_695_040_888_963_4 + 6_755_399_441_055_744
    let n = shifted - 6_755_399_441_055_744
    let r = (x - n * 0.693_147_180_369_123_8) - n * 1.908_214_929_270_587_7e-10
    var sum = 1.0 / 6_227_020_800
    sum = (1.0 / 479_001_600).addingProduct(sum, r)
    sum = (1.0 / 39_916_800).addingProduct(sum, r)
    sum = (1.0 / 3_628_800).addingProduct(sum, r)
    sum = (1.0 / 362_880).addingProduct(sum, r)
    sum = (1.0 / 40_320).addingProduct(sum, r)
    sum = (1.0 / 5_040).addingProduct(sum, r)
    sum = (1.0 / 720).addingProduct(sum, r)
    sum = (1.0 / 120).addingProduct(sum, r)
    sum = (1.0 / 24).addingProduct(sum, r)
    sum = (1.0 / 6).addingProduct(sum, r)
    sum = 0.5.addingProduct(sum, r)
    sum = 1.0.addingProduct(sum, r)
    sum = 1.0.addingProduct(sum, r)
    return sum * Double(bitPattern: (shifted.bitPattern &+ 1_023) &<< 52)
  }

  /// log(1 + x) for 0 ≤ x ≤ 1; absolute error about 2e-16.
  ///
  ///     log(1 + x) = 2·artanh(x / (2 + x))        above √2 − 1 by way of log 2 + log(1 + (x − 1)/2)
  @inline(__always) static func logOnePlus(_ x: Double) -> Double {
    let isUpper = x > 0.414_213_562_373_095
    let v = isUpper ? 0.5 * (x - 1) : x
    let z = v / (2 + v)
    let square = z * z
    var sum = 1.0 / 23
    sum = (1.0 / 21).addingProduct(sum, square)
    sum = (1.0 / 19).addingProduct(sum, square)
    sum = (1.0 / 17).addingProduct(sum, square)
    sum = (1.0 / 15).addingProduct(sum, square)
    sum = (1.0 / 13).addingProduct(sum, square)
    sum = (1.0 / 11).addingProduct(sum, square)
    sum = (1.0 / 9).addingProduct(sum, square)
    sum = (1.0 / 7).addingProduct(sum, square)
    sum = (1.0 / 5).addingProduct(sum, square)
    sum = (1.0 / 3).addingProduct(sum, square)
    sum = 1.0.addingProduct(sum, square)
    return 2 * z * sum + (isUpper ? 0.693_147_180_559_945_3 : 0)
  }
}
