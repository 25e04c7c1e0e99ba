// SPDX-License-Identifier: Apache-2.0

import COpenBLAS

// OpenBLAS divides a product by its number of threads, and with it the order of sums: one thread, so that the bits do
// not depend on the machine's load or core count.
private let oneThread: Void = openblas_set_num_threads(1)

/// Sets OpenBLAS to one thread, once a process. Every door of this module calls it; a worker does so at its start.
package func useOneBLASThread() { _ = oneThread }

/// "OpenBLAS 0.3.21 … Haswell MAX_THREADS=64".
package func blasConfiguration() -> String { String(cString: openblas_get_config()) }

/// Whether a factor of a product is taken as it lies or transposed.
enum Orientation {
  case plain
  case transposed

  @inline(__always) var flag: CBLAS_TRANSPOSE { self == .plain ? CblasNoTrans : CblasTrans }
}

/// c ← a·b, or c ← c + a·b with `isAdding`; all row-major, without gaps unless a stride says otherwise.
///
/// - Shapes: a [m, k], or [k, m] where transposed; b [k, n], or [n, k] where transposed; c [m, n].
@inline(__always)
func multiply(
  _ a: UnsafePointer<Float>, _ orientationA: Orientation, strideA: Int? = nil, _ b: UnsafePointer<Float>,
  _ orientationB: Orientation, strideB: Int? = nil, rows m: Int, columns n: Int, inner k: Int,
  into c: UnsafeMutablePointer<Float>, strideC: Int? = nil, isAdding: Bool = false
) {
  cblas_sgemm(
    CblasRowMajor, orientationA.flag, orientationB.flag, Int32(m), Int32(n), Int32(k), 1, a,
    Int32(strideA ?? (orientationA == .plain ? k : m)), b, Int32(strideB ?? (orientationB == .plain ? n : k)),
    isAdding ? 1 : 0, c, Int32(strideC ?? n))
}
