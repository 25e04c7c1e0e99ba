// SPDX-License-Identifier: Apache-2.0

extension Objective {
  /// Rows between two looks at the losses: their buffer stays in the first-level cache.
  private static let chunk = 512

  /// Fills gradients and hessians, [N] each, and returns the mean loss; NaN without rows.
  func differentiate(
    scores: UnsafePointer<Double>, labels: UnsafePointer<Float>, rowCount: Int, gradients: UnsafeMutablePointer<Double>,
    hessians: UnsafeMutablePointer<Double>
  ) -> Double {
    var loss = 0.0
    var weight = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * Self.chunk) { buffer in
      guard let losses = buffer.baseAddress else { return }
      let weights = losses + Self.chunk
      for start in stride(from: 0, to: rowCount, by: Self.chunk) {
        let count = min(Self.chunk, rowCount - start)
        fill(scores + start, labels + start, count, gradients + start, hessians + start, losses, weights)
        loss += sum(losses, count)
        weight += self.loss == .binary ? sum(weights, count) : Double(count)
      }
    }
    return loss / weight
  }

  private func fill(
    _ scores: UnsafePointer<Double>, _ labels: UnsafePointer<Float>, _ count: Int,
    _ gradients: UnsafeMutablePointer<Double>, _ hessians: UnsafeMutablePointer<Double>,
    _ losses: UnsafeMutablePointer<Double>, _ weights: UnsafeMutablePointer<Double>
  ) {
    switch loss {
    case .binary: fillBinary(scores, labels, count, gradients, hessians, losses, weights)
    case .squared:
      for row in 0..<count {
        let error = scores[row] - Double(labels[row])
        gradients[row] = error
        hessians[row] = 1
        losses[row] = error * error
      }
    case .absolute, .quantile:
      let level = leafQuantile ?? 0.5
      let scale: Double = loss == .absolute ? 2 : 1
      for row in 0..<count {
        let error = scores[row] - Double(labels[row])
        gradients[row] = scale * (error > 0 ? 1 - level : error < 0 ? -level : 0)
        hessians[row] = 1
        losses[row] = error * gradients[row]
      }
    case .poisson:
      for row in 0..<count {
        let mean = Link.exponential(scores[row])
        gradients[row] = mean - Double(labels[row])
        // e^0.7: a step that doubles the mean is bounded.
        hessians[row] = mean * 2.013_752_707_470_476_6
        losses[row] = mean - Double(labels[row]) * scores[row]
      }
    case .tweedie(let power):
      for row in 0..<count {
        let label = Double(labels[row])
        let first = Link.exponential((1 - power) * scores[row])
        let second = Link.exponential((2 - power) * scores[row])
        gradients[row] = second - label * first
        hessians[row] = (2 - power) * second - label * (1 - power) * first
        losses[row] = second / (2 - power) - label * first / (1 - power)
      }
    }
  }

  private func fillBinary(
    _ scores: UnsafePointer<Double>, _ labels: UnsafePointer<Float>, _ count: Int,
    _ gradients: UnsafeMutablePointer<Double>, _ hessians: UnsafeMutablePointer<Double>,
    _ losses: UnsafeMutablePointer<Double>, _ weights: UnsafeMutablePointer<Double>
  ) {
    let positiveWeight = positiveWeight
    for row in 0..<count {
      let score = scores[row]
      let label = Double(labels[row])
      let weight = label > 0 ? positiveWeight : 1
      // One exponential of −|s| gives p, p·(1 − p) and the loss, without overflow for either sign of s.
      let small = Link.exponential(-abs(score))
      let part = 1 / (1 + small)
      let p = score >= 0 ? part : small * part
      gradients[row] = weight * (p - label)
      hessians[row] = weight * small * part * part
      let against = label > 0 ? -score : score
      losses[row] = weight * ((against > 0 ? against : 0) + Link.logOnePlus(small))
      weights[row] = weight
    }
  }

  /// Four sums side by side, always in this order.
  private func sum(_ values: UnsafePointer<Double>, _ count: Int) -> Double {
    var sums = SIMD4<Double>.zero
    let whole = count / 4 * 4
    for index in stride(from: 0, to: whole, by: 4) {
      sums += SIMD4(values[index], values[index + 1], values[index + 2], values[index + 3])
    }
    var sum = sums.sum()
    for index in whole..<count { sum += values[index] }
    return sum
  }
}
