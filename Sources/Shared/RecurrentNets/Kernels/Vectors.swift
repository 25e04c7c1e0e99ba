// SPDX-License-Identifier: Apache-2.0

/// Eight floats: one AVX2 register, two of NEON. Kernels are written in it because beyond eight possible overlaps of
/// pointers LLVM gives up vectorising a loop.
typealias Vector = SIMD8<Float>

/// Hidden units are padded to a multiple of it inside the network; the padding stays zero.
let vectorWidth = 8

extension UnsafePointer<Float> {
  @inline(__always)
  func vector(_ index: Int) -> Vector { UnsafeRawPointer(self + index).loadUnaligned(as: Vector.self) }
}

extension UnsafeMutablePointer<Float> {
  @inline(__always)
  func vector(_ index: Int) -> Vector { UnsafeRawPointer(self + index).loadUnaligned(as: Vector.self) }

  @inline(__always)
  func store(_ value: Vector, _ index: Int) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: Vector.self)
  }
}

extension Vector {
  /// The standard library's `clamped` and `pointwiseMin` are calls lane by lane; comparing and choosing is two
  /// instructions.
  @inline(__always)
  func limited(to limit: Float) -> Vector {
    let (low, high) = (Vector(repeating: -limit), Vector(repeating: limit))
    let above = replacing(with: low, where: self .< low)
    return above.replacing(with: high, where: above .> high)
  }
}
