// SPDX-License-Identifier: Apache-2.0

/// The factor by which the whole gradient is to be multiplied so that its norm is at most `normMax`; nil where the norm
/// is no finite number.
///
/// - Source: Pascanu, Mikolov & Bengio 2013, algorithm 1.
func clippingScale(_ gradient: UnsafePointer<Float>, _ count: Int, normMax: Double) -> Float? {
  let norm = Double(dot(gradient, gradient, count)).squareRoot()
  guard norm.isFinite else { return nil }
  return norm > normMax ? Float(normMax / norm) : 1
}
