// SPDX-License-Identifier: Apache-2.0

import CWideProducts

/// A weight matrix [K, N] in panels of sixteen columns, each [K, 16] without gaps, so that the product of every step reads
/// it in one stream; packed once a mini-batch and used once a step, where `sgemm` would pack it at every step.
///
/// Every element of a product is one chain of fused additions over k in ascending order, whatever the number of rows: a
/// row's bits do not depend on the rows beside it, nor on whether the CPU has AVX-512.
struct PackedMatrix {
  let inner: Int
  let columns: Int
  let panels: UnsafeMutablePointer<Float>

  static let panelColumns = 16
  static let isCPUWide = cwide_is_supported() != 0

  /// Floats that the panels take, and a row of zeros after them, which `pack` never writes.
  static func count(inner: Int, columns: Int) -> Int {
    (columns + panelColumns - 1) / panelColumns * panelColumns * (inner + 1)
  }

  private var zeros: UnsafePointer<Float> {
    UnsafePointer(panels + (columns + Self.panelColumns - 1) / Self.panelColumns * Self.panelColumns * inner)
  }

  /// From `matrix` [K, N], or [N, K] where transposed.
  func pack(_ matrix: UnsafePointer<Float>, _ orientation: Orientation) {
    guard orientation == .transposed else { return pack(matrix, width: columns) }
    var panel = panels
    for first in stride(from: 0, to: columns, by: Self.panelColumns) {
      for column in 0..<min(Self.panelColumns, columns - first) {
        let source = matrix + (first + column) * inner
        for k in 0..<inner { panel[k * 16 + column] = source[k] }
      }
      panel += Self.panelColumns * inner
    }
  }

  /// From `matrix` [K, width], rows `stride` apart; columns from `width` on are zero.
  func pack(_ matrix: UnsafePointer<Float>, width: Int, stride: Int? = nil) {
    let stride = stride ?? width
    var panel = panels
    for first in Swift.stride(from: 0, to: columns, by: Self.panelColumns) {
      let own = max(0, min(Self.panelColumns, width - first))
      for k in 0..<inner {
        let (target, source) = (panel + k * 16, matrix + k * stride + first)
        if own == 16 {
          target.store(source.vector(0), 0)
          target.store(source.vector(8), 8)
        } else {
          for column in 0..<16 { target[column] = column < own ? source[column] : 0 }
        }
      }
      panel += Self.panelColumns * inner
    }
  }

  /// What a product is added to.
  enum Start {
    case zero
    /// c as it is
    case sum
    /// the same [N] in each row
    case bias(UnsafePointer<Float>)
  }

  /// c ← start + a·self; a [rows, K], c [rows, N], both without gaps, N a multiple of eight.
  func multiply(
    _ a: UnsafePointer<Float>, rows: Int, into c: UnsafeMutablePointer<Float>, from start: Start,
    isWide: Bool = isCPUWide
  ) {
    let (start, stride) =
      switch start {
      case .zero: (zeros, 0)
      case .sum: (UnsafePointer(c), columns)
      case .bias(let bias): (bias, 0)
      }
    if isWide {
      multiplyWide(a, rows, c, start, stride)
    } else {
      multiply(a, rows, c, start, stride)
    }
  }

  private func multiplyWide(
    _ a: UnsafePointer<Float>, _ rows: Int, _ c: UnsafeMutablePointer<Float>, _ start: UnsafePointer<Float>,
    _ stride: Int
  ) {
    cwide_product(a, rows, inner, panels, c, columns, start, stride)
    let whole = columns / Self.panelColumns * Self.panelColumns
    if whole < columns { halfPanel(a, rows, UnsafePointer(panels) + whole * inner, c + whole, start + whole, stride) }
  }

  /// - Parameters:
  ///   - start: where the start of row 0 lies.
  ///   - stride: floats from there to the start of row 1.
  private func multiply(
    _ a: UnsafePointer<Float>, _ rows: Int, _ c: UnsafeMutablePointer<Float>, _ start: UnsafePointer<Float>,
    _ stride: Int
  ) {
    if rows == 1 { return multiplyOneRow(a, c, start) }
    // Panels outside, rows inside: a panel stays in the first cache while all rows go by.
    var panel = UnsafePointer(panels)
    var first = 0
    while first + 16 <= columns {
      sweep(a, rows, panel, c + first, start + first, stride)
      panel += 16 * inner
      first += 16
    }
    if first < columns { halfPanel(a, rows, panel, c + first, start + first, stride) }
  }

  /// All rows of the last panel where it has eight columns only.
  private func halfPanel(
    _ a: UnsafePointer<Float>, _ rows: Int, _ panel: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
    _ start: UnsafePointer<Float>, _ stride: Int
  ) {
    for row in 0..<rows { halfBlock(a + row * inner, panel, c + row * columns, start + row * stride) }
  }

  /// All rows of one panel.
  @inline(__always)
  private func sweep(
    _ a: UnsafePointer<Float>, _ rows: Int, _ panel: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
    _ start: UnsafePointer<Float>, _ stride: Int
  ) {
    var row = 0
    // Eight rows as 4 + 4: two rows alone would leave half of the multipliers waiting.
    while rows - row >= 6, rows - row != 8 {
      block(6, a + row * inner, panel, c + row * columns, start + row * stride, stride)
      row += 6
    }
    if rows - row >= 8 {
      block(4, a + row * inner, panel, c + row * columns, start + row * stride, stride)
      row += 4
    }
    switch rows - row {
    case 5: block(5, a + row * inner, panel, c + row * columns, start + row * stride, stride)
    case 4: block(4, a + row * inner, panel, c + row * columns, start + row * stride, stride)
    case 3: block(3, a + row * inner, panel, c + row * columns, start + row * stride, stride)
    case 2: block(2, a + row * inner, panel, c + row * columns, start + row * stride, stride)
    case 1: block(1, a + row * inner, panel, c + row * columns, start + row * stride, stride)
    default: break
    }
  }

  /// `rows` is a constant at every call: after inlining, the sums that it does not need are gone and the others stay in
  /// registers.
  @inline(__always)
  private func block(
    _ rows: Int, _ a: UnsafePointer<Float>, _ panel: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
    _ start: UnsafePointer<Float>, _ stride: Int
  ) {
    let unused = start.vector(0)
    var (s00, s01, s10, s11, s20, s21) = (unused, start.vector(8), unused, unused, unused, unused)
    var (s30, s31, s40, s41, s50, s51) = (unused, unused, unused, unused, unused, unused)
    if rows > 1 { (s10, s11) = (start.vector(stride), start.vector(stride + 8)) }
    if rows > 2 { (s20, s21) = (start.vector(2 * stride), start.vector(2 * stride + 8)) }
    if rows > 3 { (s30, s31) = (start.vector(3 * stride), start.vector(3 * stride + 8)) }
    if rows > 4 { (s40, s41) = (start.vector(4 * stride), start.vector(4 * stride + 8)) }
    if rows > 5 { (s50, s51) = (start.vector(5 * stride), start.vector(5 * stride + 8)) }
    var b = panel
    for k in 0..<inner {
      let (b0, b1) = (b.vector(0), b.vector(8))
      b += 16
      let a0 = Vector(repeating: a[k])
      (s00, s01) = (s00.addingProduct(a0, b0), s01.addingProduct(a0, b1))
      if rows > 1 {
        let a1 = Vector(repeating: a[inner + k])
        (s10, s11) = (s10.addingProduct(a1, b0), s11.addingProduct(a1, b1))
      }
      if rows > 2 {
        let a2 = Vector(repeating: a[2 * inner + k])
        (s20, s21) = (s20.addingProduct(a2, b0), s21.addingProduct(a2, b1))
      }
      if rows > 3 {
        let a3 = Vector(repeating: a[3 * inner + k])
        (s30, s31) = (s30.addingProduct(a3, b0), s31.addingProduct(a3, b1))
      }
      if rows > 4 {
        let a4 = Vector(repeating: a[4 * inner + k])
        (s40, s41) = (s40.addingProduct(a4, b0), s41.addingProduct(a4, b1))
      }
      if rows > 5 {
        let a5 = Vector(repeating: a[5 * inner + k])
        (s50, s51) = (s50.addingProduct(a5, b0), s51.addingProduct(a5, b1))
      }
    }
    store(s00, s01, c)
    if rows > 1 { store(s10, s11, c + columns) }
    if rows > 2 { store(s20, s21, c + 2 * columns) }
    if rows > 3 { store(s30, s31, c + 3 * columns) }
    if rows > 4 { store(s40, s41, c + 4 * columns) }
    if rows > 5 { store(s50, s51, c + 5 * columns) }
  }

  @inline(__always)
  private func store(_ low: Vector, _ high: Vector, _ c: UnsafeMutablePointer<Float>) {
    c.store(low, 0)
    c.store(high, 8)
  }

  /// One row of the last panel where it has eight columns only.
  @inline(__always)
  private func halfBlock(
    _ a: UnsafePointer<Float>, _ panel: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
    _ start: UnsafePointer<Float>
  ) {
    var sum = start.vector(0)
    for k in 0..<inner { sum = sum.addingProduct(Vector(repeating: a[k]), panel.vector(k * 16)) }
    c.store(sum, 0)
  }

  /// Four panels at once: eight sums in flight hide the latency that two would show.
  @inline(__always)
  private func multiplyOneRow(
    _ a: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, _ start: UnsafePointer<Float>
  ) {
    var panel = UnsafePointer(panels)
    let size = 16 * inner
    var first = 0
    while first + 64 <= columns {
      let (target, from) = (c + first, start + first)
      var (s0, s1, s2, s3) = (from.vector(0), from.vector(8), from.vector(16), from.vector(24))
      var (s4, s5, s6, s7) = (from.vector(32), from.vector(40), from.vector(48), from.vector(56))
      var b = panel
      for k in 0..<inner {
        let x = Vector(repeating: a[k])
        (s0, s1) = (s0.addingProduct(x, b.vector(0)), s1.addingProduct(x, b.vector(8)))
        (s2, s3) = (s2.addingProduct(x, b.vector(size)), s3.addingProduct(x, b.vector(size + 8)))
        (s4, s5) = (s4.addingProduct(x, b.vector(2 * size)), s5.addingProduct(x, b.vector(2 * size + 8)))
        (s6, s7) = (s6.addingProduct(x, b.vector(3 * size)), s7.addingProduct(x, b.vector(3 * size + 8)))
        b += 16
      }
      store(s0, s1, target)
      store(s2, s3, target + 16)
      store(s4, s5, target + 32)
      store(s6, s7, target + 48)
      panel += 4 * size
      first += 64
    }
    while first + 16 <= columns {
      block(1, a, panel, c + first, start + first, 0)
      panel += size
      first += 16
    }
    if first < columns { halfBlock(a, panel, c + first, start + first) }
  }
}
