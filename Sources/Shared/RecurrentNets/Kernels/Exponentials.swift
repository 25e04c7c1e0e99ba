// SPDX-License-Identifier: Apache-2.0

/// eˣ − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1), split at x = n·ln 2 + r with |r| ≤ ln 2 / 2, as (eʳ − 1, 2ⁿ).
///
/// Branch-free; the same bits in every lane. |x| ≤ 87, else 2ⁿ is nonsense: callers clamp. The polynomial r + r²·q(r) has a
/// relative error of at most 1.4e-8 beside the rounding; q of degree 4 was fitted for this file (Lawson's iteration on 400
/// Chebyshev nodes).
@inline(__always)
func exponentialParts(_ x: Vector) -> (power: Vector, lessOne: Vector) {
  // Adding 1.5·2²³ rounds to the nearest integer and leaves it in the low bits of the pattern.
  let magic = Vector(repeating: 12_582_912)
  let shifted = magic.addingProduct(x, 1.442_695_04)
  let n = shifted - magic
  let r = x.addingProduct(n, -0.693_145_752).addingProduct(n, -1.428_606_77e-6)
  var q = Vector(repeating: 0.001_388_251_1)
  q = Vector(repeating: 0.008_366_547_5).addingProduct(q, r)
  q = Vector(repeating: 0.041_667_200_8).addingProduct(q, r)
  q = Vector(repeating: 0.166_665_434_2).addingProduct(q, r)
  q = Vector(repeating: 0.499_999_981_5).addingProduct(q, r)
  let bits = (unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23) &+ 0x3F80_0000
  return (unsafeBitCast(bits, to: Vector.self), r.addingProduct(r * r, q))
}

/// eˣ for |x| ≤ 87; beyond, the value at the end.
@inline(__always)
func exponential(_ x: Vector) -> Vector {
  let (power, lessOne) = exponentialParts(x.limited(to: 87))
  return power.addingProduct(power, lessOne)
}

/// σ(x) = 1 / (1 + e⁻ˣ), within 2.5 ulp.
@inline(__always)
func sigmoid(_ x: Vector) -> Vector {
  let (power, lessOne) = exponentialParts(-x.limited(to: 87))
  // 2ⁿ + 1 first: the sum with 2ⁿ·(eʳ − 1) is then rounded once.
  return 1 / (power + 1).addingProduct(power, lessOne)
}

/// tanh(x) = ±(1 − e)/(1 + e) with e = e^−2|x|, within 2 ulp: by e − 1, so that it keeps its relative precision near 0.
@inline(__always)
func hyperbolicTangent(_ x: Vector) -> Vector {
  let sign: UInt32 = 0x8000_0000
  let bits = unsafeBitCast(x, to: SIMD8<UInt32>.self)
  let negative = unsafeBitCast(bits | sign, to: Vector.self)
  // Beyond 9.02 the nearest float of tanh is ±1.
  let low = Vector(repeating: -9.1)
  let half = negative.replacing(with: low, where: negative .< low)
  let (power, lessOne) = exponentialParts(half + half)
  let quotient = (power - 1).addingProduct(power, lessOne) / (power + 1).addingProduct(power, lessOne)
  // The quotient is −|tanh|, or −0.
  let flipped = unsafeBitCast(quotient, to: SIMD8<UInt32>.self) ^ (~bits & sign)
  return unsafeBitCast(flipped, to: Vector.self)
}

/// values[i] ← tanh(values[i])
func applyTanh(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
  apply(values, count) { hyperbolicTangent($0) }
}

/// values[i] ← e^values[i]
func applyExponential(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
  apply(values, count) { exponential($0) }
}

/// The last lanes of a count that is no multiple of eight go through a vector of their own: the same bits everywhere.
@inline(__always)
private func apply(_ values: UnsafeMutablePointer<Float>, _ count: Int, _ body: (Vector) -> Vector) {
  var index = 0
  while index + vectorWidth <= count {
    values.store(body(values.vector(index)), index)
    index += vectorWidth
  }
  while index < count {
    values[index] = body(Vector(repeating: values[index]))[0]
    index += 1
  }
}
