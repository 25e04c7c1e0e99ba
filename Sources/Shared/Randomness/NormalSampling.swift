// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension CounterGenerator {
  /// Standard normal by Box & Muller 1958; two uniforms a value, the second half is not kept so that the n-th call stays a
  /// function of the counter alone.
  package mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// Exponential with the given mean.
  package mutating func exponential(mean: Double) -> Double { -mean * log(1 - uniform()) }
}
