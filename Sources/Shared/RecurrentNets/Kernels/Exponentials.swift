// SPDX-License-Identifier: Apache-2.0

/// eˣ − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1), split at x = n·ln 2 + r with |r| ≤ ln 2 / 2, as (eʳ − 1, 2ⁿ).
///
/// Branch-free, so that a loop over it is vectorised; the same bits in a vector lane and alone. |x| ≤ 87, else 2ⁿ is
/// nonsense: callers clamp. The polynomial r + r²·q(r) has a relative error of at most 1.4e-8 beside the rounding; q of
/// degree 4 was fitted for this file (Lawson's iteration on 400 Chebyshev nodes).
@inline(__always)
func exponentialParts(_ x: Float) -> (power: Float, lessOne: Float) {
  // Adding 1.5·2²³ rounds to the nearest integer and leaves it in the low bits of the pattern.
  let magic: Float = 12_582_912
  let shifted = magic.addingProduct(x, 1.442_695_04)
  let n = shifted - magic
  let r = x.addingProduct(n, -0.693_145_752).addingProduct(n, -1.428_606_77e-6)
  var q: Float = 0.001_388_251_1
  q = Float(0.008_366_547_5).addingProduct(q, r)
  q = Float(0.041_667_200_8).addingProduct(q, r)
  q = Float(0.166_665_434_2).addingProduct(q, r)
  q = Float(0.499_999_981_5).addingProduct(q, r)
  let power = Float(bitPattern: (shifted.bitPattern &<< 23) &+ 0x3F80_0000)
  return (power, r.addingProduct(r * r, q))
}

/// σ(x) = 1 / (1 + e⁻ˣ), within 1.2e-7.
@inline(__always)
func sigmoid(_ x: Float) -> Float {
  let low = x < -87 ? -87 : x
  let clamped = low > 87 ? 87 : low
  let (power, lessOne) = exponentialParts(-clamped)
  return 1 / (1 + power.addingProduct(power, lessOne))
}

/// tanh(x) = (e²ˣ − 1) / (e²ˣ − 1 + 2): by eˣ − 1, so that it keeps its relative precision near 0.
@inline(__always)
func hyperbolicTangent(_ x: Float) -> Float {
  // Beyond 9.02 the nearest float of tanh is ±1.
  let low = x < -9.1 ? -9.1 : x
  let clamped = low > 9.1 ? 9.1 : low
  let (power, lessOne) = exponentialParts(clamped + clamped)
  let difference = (power - 1).addingProduct(power, lessOne)
  return difference / (difference + 2)
}

/// values[i] ← σ(values[i])
@inline(__always)
func applySigmoid(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
  for index in 0..<count { values[index] = sigmoid(values[index]) }
}

/// values[i] ← tanh(values[i])
@inline(__always)
func applyTanh(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
  for index in 0..<count { values[index] = hyperbolicTangent(values[index]) }
}

/// result[i] ← tanh(values[i])
@inline(__always)
func fillTanh(_ result: UnsafeMutablePointer<Float>, _ values: UnsafePointer<Float>, _ count: Int) {
  for index in 0..<count { result[index] = hyperbolicTangent(values[index]) }
}
