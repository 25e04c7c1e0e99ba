// SPDX-License-Identifier: Apache-2.0

/// Attention pooling over time with a learned query:
///
///     additive  score_t = v·tanh(h_t·Waᵀ + ba)        linear  score_t = v·h_t
///     α = softmax over a row's steps of score    pooled = Σ α_t h_t
///
/// - Shapes: P cells in the order of `PackedSteps`, rows of A states, a multiple of eight; `shares` (α) [P], `pooled` [B, A].
/// - Source: Bahdanau, Cho & Bengio 2015 (additive score); Yang et al. 2016, formulas 5–7 (learned query).
struct AttentionPooling {
  let steps: PackedSteps
  let stateCount: Int
  let isAdditive: Bool

  /// Of parameters, or of their gradient.
  struct Places {
    /// Wa [A, A]
    let weights: Int
    /// ba [A]
    let bias: Int
    /// v [A]
    let query: Int
  }

  /// - Parameters:
  ///   - projected: [P, A], not touched where scores are linear.
  ///   - scratch: [2, B]
  ///   - pooledStride: floats from one row of `pooled` to the next.
  func forward(
    _ parameters: UnsafePointer<Float>, _ places: Places, hidden: UnsafePointer<Float>,
    projected: UnsafeMutablePointer<Float>, shares: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    pooled: UnsafeMutablePointer<Float>, pooledStride: Int
  ) {
    let (all, count) = (steps.cellCount, stateCount)
    var scored = hidden
    if isAdditive {
      fillRows(projected, rows: all, columns: count, with: parameters + places.bias)
      multiply(
        hidden, .plain, parameters + places.weights, .transposed, rows: all, columns: count, inner: count,
        into: projected, isAdding: true)
      applyTanh(projected, all * count)
      scored = UnsafePointer(projected)
    }
    for cell in 0..<all { shares[cell] = dot(scored + cell * count, parameters + places.query, count) }
    normalise(shares, scratch)
    for row in 0..<steps.rows { (pooled + row * pooledStride).update(repeating: 0, count: count) }
    for step in 0..<steps.stepCount {
      for row in 0..<steps.counts[step] {
        let cell = steps.offsets[step] + row
        addScaledVectors(pooled + row * pooledStride, hidden + cell * count, shares[cell], count)
      }
    }
  }

  /// Softmax over the steps, each row by itself.
  @inline(__always)
  private func normalise(_ scores: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>) {
    let (largest, sums) = (scratch, scratch + steps.rows)
    for row in 0..<steps.rows { (largest[row], sums[row]) = (-Float.greatestFiniteMagnitude, 0) }
    for step in 0..<steps.stepCount {
      let current = scores + steps.offsets[step]
      for row in 0..<steps.counts[step] { largest[row] = max(largest[row], current[row]) }
    }
    for step in 0..<steps.stepCount {
      let current = scores + steps.offsets[step]
      for row in 0..<steps.counts[step] { current[row] -= largest[row] }
    }
    applyExponential(scores, steps.cellCount)
    for step in 0..<steps.stepCount {
      let current = scores + steps.offsets[step]
      for row in 0..<steps.counts[step] { sums[row] += current[row] }
    }
    for row in 0..<steps.rows { sums[row] = 1 / sums[row] }
    for step in 0..<steps.stepCount {
      let current = scores + steps.offsets[step]
      for row in 0..<steps.counts[step] { current[row] *= sums[row] }
    }
  }

  /// - Parameters:
  ///   - projected: in: u; out: slopes by the sums before tanh.
  ///   - shares: in: α; out: slopes by the scores.
  ///   - hiddenSlopes: out: ∂loss/∂h of every cell; written, not added to.
  ///   - scratch: [B + P]
  func backward(
    _ parameters: UnsafePointer<Float>, _ places: Places, gradient: UnsafeMutablePointer<Float>,
    hidden: UnsafePointer<Float>, projected: UnsafeMutablePointer<Float>, shares: UnsafeMutablePointer<Float>,
    pooledSlopes: UnsafePointer<Float>, pooledStride: Int, hiddenSlopes: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (all, count) = (steps.cellCount, stateCount)
    // ∂loss/∂score_t = α_t·(a_t − Σ α·a) with a_t = ∂loss/∂pooled · h_t.
    let (means, slopes) = (scratch, scratch + steps.rows)
    for row in 0..<steps.rows { means[row] = 0 }
    for step in 0..<steps.stepCount {
      for row in 0..<steps.counts[step] {
        let cell = steps.offsets[step] + row
        let source = pooledSlopes + row * pooledStride
        slopes[cell] = dot(source, hidden + cell * count, count)
        means[row] += slopes[cell] * shares[cell]
        writeScaled(hiddenSlopes + cell * count, source, shares[cell], count)
      }
    }
    for step in 0..<steps.stepCount {
      for row in 0..<steps.counts[step] {
        let cell = steps.offsets[step] + row
        shares[cell] *= slopes[cell] - means[row]
      }
    }
    let (query, querySlopes) = (parameters + places.query, gradient + places.query)
    for k in 0..<count { querySlopes[k] = 0 }
    guard isAdditive else {
      for cell in 0..<all {
        addScaledVectors(querySlopes, hidden + cell * count, shares[cell], count)
        addScaledVectors(hiddenSlopes + cell * count, query, shares[cell], count)
      }
      return
    }
    for cell in 0..<all {
      let (u, slope) = (projected + cell * count, Vector(repeating: shares[cell]))
      var k = 0
      while k < count {
        let value = u.vector(k)
        querySlopes.store(querySlopes.vector(k).addingProduct(slope, value), k)
        u.store(slope * query.vector(k) * (1 - value * value), k)
        k += vectorWidth
      }
    }
    multiply(
      projected, .transposed, hidden, .plain, rows: count, columns: count, inner: all,
      into: gradient + places.weights)
    sumRows(projected, rows: all, columns: count, into: gradient + places.bias)
    multiply(
      projected, .plain, parameters + places.weights, .plain, rows: all, columns: count, inner: count,
      into: hiddenSlopes, isAdding: true)
  }
}
