// SPDX-License-Identifier: Apache-2.0

/// Sorts floats by radix, least significant digit first, through keys whose unsigned order is the floats' order.
///
/// - Complexity: O(n), three passes of 11 bits, or four of 8 where clearing the counters would cost more than the values.
/// - Source: Knuth 1998, volume 3, section 5.2.5; the key is the well-known order-preserving flip of IEEE 754's sign bit.
struct FloatSorter: ~Copyable {
  private let capacity: Int
  private let keys: UnsafeMutablePointer<UInt32>
  private let spare: UnsafeMutablePointer<UInt32>
  private let counts: UnsafeMutablePointer<Int>

  init(capacity: Int) {
    self.capacity = capacity
    keys = .allocate(capacity: capacity)
    spare = .allocate(capacity: capacity)
    counts = .allocate(capacity: 3 * 2048)
  }

  deinit {
    keys.deallocate()
    spare.deallocate()
    counts.deallocate()
  }

  /// Writes the values that are not NaN to `output`, ascending, −0 before 0; returns how many they are.
  func sort(_ values: UnsafePointer<Float>, count: Int, into output: UnsafeMutablePointer<Float>) -> Int {
    precondition(count <= capacity, "\(count) values for a sorter of \(capacity)")
    var present = 0
    for index in 0..<count {
      let value = values[index]
      // The slot of a NaN is written over by the next value.
      let bits = value.bitPattern
      keys[present] = bits ^ ((0 &- (bits >> 31)) | 0x8000_0000)
      present += value == value ? 1 : 0
    }
    let bits = present < 4096 ? 8 : 11
    let sorted = sortKeys(count: present, digitBits: bits)
    for index in 0..<present {
      let key = sorted[index]
      output[index] = Float(bitPattern: key ^ (((key >> 31) &- 1) | 0x8000_0000))
    }
    return present
  }

  private func sortKeys(count: Int, digitBits: Int) -> UnsafeMutablePointer<UInt32> {
    let bucketCount = 1 << digitBits
    let mask = UInt32(bucketCount - 1)
    var source = keys
    var target = spare
    for shift in stride(from: 0, to: 32, by: digitBits) {
      counts.update(repeating: 0, count: bucketCount)
      for index in 0..<count { counts[Int((source[index] >> UInt32(shift)) & mask)] += 1 }
      var next = 0
      for bucket in 0..<bucketCount {
        let size = counts[bucket]
        counts[bucket] = next
        next += size
      }
      for index in 0..<count {
        let key = source[index]
        let bucket = Int((key >> UInt32(shift)) & mask)
        target[counts[bucket]] = key
        counts[bucket] += 1
      }
      swap(&source, &target)
    }
    return source
  }
}
