// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// That many significant digits or so, for people.
func rounded(_ value: Double, _ digits: Double) -> String {
  guard value.isFinite, value != 0 else { return shortest(value) }
  let scale = pow(10, digits - 1 - log10(abs(value)).rounded(.down))
  return shortest((value * scale).rounded() / scale)
}
