// SPDX-License-Identifier: Apache-2.0

/// Counter-based random numbers: the n-th value is a pure function of (key, n), so any value can be had without the ones
/// before it, and a stream restarts from one integer.
///
/// The value is SplitMix64's output function over `key + n·γ`: 64-bit state, period 2⁶⁴ for each key.
///
/// - Source: Steele, Lea & Flood 2014, "Fast Splittable Pseudorandom Number Generators", figure 17; the counter form as in
///   Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3".
package struct CounterGenerator: RandomNumberGenerator, Hashable, Sendable {
  package let key: UInt64
  package private(set) var counter: UInt64

  package init(key: UInt64, counter: UInt64 = 0) {
    self.key = key
    self.counter = counter
  }

  package mutating func next() -> UInt64 {
    counter &+= 1
    return Self.mix(key &+ counter &* 0x9E37_79B9_7F4A_7C15)
  }

  /// SplitMix64's finalizer: a bijection of 64-bit words in which every input bit moves half of the output bits.
  package static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension CounterGenerator {
  /// Uniform on [0, 1), all 53 bits used.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform on 0..<bound, without bias.
  ///
  /// - Source: Lemire 2019, "Fast Random Integer Generation in an Interval".
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "below(\(bound)): the bound must be positive")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// Fisher–Yates (Durstenfeld 1964). Unlike the standard library's `shuffle`, its result is part of our contract.
  package mutating func shuffle<Element>(_ items: inout [Element]) {
    guard items.count > 1 else { return }
    for last in stride(from: items.count - 1, to: 0, by: -1) { items.swapAt(last, below(last + 1)) }
  }
}
