// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Double {
  static func logarithm(_ x: Double) -> Double { log(x) }
}

extension Float {
  /// The raw output behind a probability.
  static func logOdds(_ p: Float) -> Float { Float(log(Double(p) / (1 - Double(p)))) }
}
