// SPDX-License-Identifier: Apache-2.0

/// Zeroed floats on a cache line's boundary, allocated once and freed with the object.
final class FloatBuffer {
  let count: Int
  let base: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    self.count = count
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    base = bytes.bindMemory(to: Float.self, capacity: max(count, 1))
    base.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { base.deallocate() }
}
