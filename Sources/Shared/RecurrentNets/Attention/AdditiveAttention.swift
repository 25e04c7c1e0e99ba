// SPDX-License-Identifier: Apache-2.0

/// Attention pooling over time with a learned query:
///
///     u_t = tanh(h_t·Waᵀ + ba)    α = softmax over t of u_t·v    pooled = Σ α_t h_t
///
/// - Shapes: time-major, T steps of B rows; `hidden` and `projected` [T, B, H], `shares` (α) [T, B], `pooled` [B, H].
/// - Source: Bahdanau, Cho & Bengio 2015 (additive score); Yang et al. 2016, formulas 5–7 (learned query).
struct AdditiveAttention {
  let stepCount: Int
  let rows: Int
  let hiddenCount: Int

  struct Weights {
    /// Wa [H, H]
    let projection: UnsafePointer<Float>
    /// ba [H]
    let bias: UnsafePointer<Float>
    /// v [H]
    let query: UnsafePointer<Float>
  }

  struct Gradients {
    let projection: UnsafeMutablePointer<Float>
    let bias: UnsafeMutablePointer<Float>
    let query: UnsafeMutablePointer<Float>
  }

  /// - Parameter pooledStride: floats from one row of `pooled` to the next.
  func forward(
    _ weights: Weights, hidden: UnsafePointer<Float>, projected: UnsafeMutablePointer<Float>,
    shares: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>, pooled: UnsafeMutablePointer<Float>,
    pooledStride: Int
  ) {
    let (all, count) = (stepCount * rows, hiddenCount)
    fillRows(projected, rows: all, columns: count, with: weights.bias)
    multiply(
      hidden, .plain, weights.projection, .transposed, rows: all, columns: count, inner: count, into: projected,
      isAdding: true)
    applyTanh(projected, all * count)
    multiply(projected, .plain, rows: all, columns: count, vector: weights.query, into: shares)
    normalise(shares, scratch)
    for row in 0..<rows {
      let sum = pooled + row * pooledStride
      for k in 0..<count { sum[k] = 0 }
      for step in 0..<stepCount {
        addScaled(sum, hidden + (step * rows + row) * count, shares[step * rows + row], count)
      }
    }
  }

  /// Softmax over the steps, each row by itself; `scratch` [2, B].
  @inline(__always)
  private func normalise(_ scores: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>) {
    let (largest, sums) = (scratch, scratch + rows)
    for row in 0..<rows { largest[row] = scores[row] }
    for step in 1..<max(stepCount, 1) {
      let current = scores + step * rows
      for row in 0..<rows { largest[row] = current[row] > largest[row] ? current[row] : largest[row] }
    }
    for row in 0..<rows { sums[row] = 0 }
    for step in 0..<stepCount {
      let current = scores + step * rows
      for row in 0..<rows {
        let distance = current[row] - largest[row]
        let (power, lessOne) = exponentialParts(distance < -87 ? -87 : distance)
        current[row] = power.addingProduct(power, lessOne)
      }
      for row in 0..<rows { sums[row] += current[row] }
    }
    for row in 0..<rows { sums[row] = 1 / sums[row] }
    for step in 0..<stepCount {
      let current = scores + step * rows
      for row in 0..<rows { current[row] *= sums[row] }
    }
  }

  /// - Parameters:
  ///   - projected: in: u; out: slopes by the sums before tanh.
  ///   - shares: in: α; out: slopes by the scores.
  ///   - hiddenSlopes: out: ∂loss/∂h of every step, as far as it goes through the pooling; written, not added to.
  func backward(
    _ weights: Weights, _ gradients: Gradients, hidden: UnsafePointer<Float>, projected: UnsafeMutablePointer<Float>,
    shares: UnsafeMutablePointer<Float>, pooledSlopes: UnsafePointer<Float>, pooledStride: Int,
    hiddenSlopes: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let (all, count) = (stepCount * rows, hiddenCount)
    for step in 0..<stepCount {
      for row in 0..<rows {
        let (slopes, share) = (pooledSlopes + row * pooledStride, shares[step * rows + row])
        let target = hiddenSlopes + (step * rows + row) * count
        for k in 0..<count { target[k] = share * slopes[k] }
      }
    }
    for row in 0..<rows { differentiateSoftmax(row, hidden, shares, pooledSlopes + row * pooledStride, scratch) }
    multiply(projected, .transposed, rows: all, columns: count, vector: shares, into: gradients.query)
    for index in 0..<all {
      let (u, slope) = (projected + index * count, shares[index])
      for k in 0..<count { u[k] = slope * weights.query[k] * (1 - u[k] * u[k]) }
    }
    multiply(
      projected, .transposed, hidden, .plain, rows: count, columns: count, inner: all, into: gradients.projection)
    sumRows(projected, rows: all, columns: count, into: gradients.bias)
    multiply(
      projected, .plain, weights.projection, .plain, rows: all, columns: count, inner: count, into: hiddenSlopes,
      isAdding: true)
  }

  /// ∂loss/∂score_t = α_t·(a_t − Σ α·a) with a_t = ∂loss/∂pooled · h_t; `scratch` [T].
  @inline(__always)
  private func differentiateSoftmax(
    _ row: Int, _ hidden: UnsafePointer<Float>, _ shares: UnsafeMutablePointer<Float>,
    _ pooledSlopes: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
  ) {
    var mean: Float = 0
    for step in 0..<stepCount {
      let slope = dot(pooledSlopes, hidden + (step * rows + row) * hiddenCount, hiddenCount)
      scratch[step] = slope
      mean += slope * shares[step * rows + row]
    }
    for step in 0..<stepCount { shares[step * rows + row] *= scratch[step] - mean }
  }
}
