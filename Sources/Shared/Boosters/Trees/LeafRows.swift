// SPDX-License-Identifier: Apache-2.0

import CIntrinsics

/// Row numbers of a tree's rows, the rows of a leaf contiguous and ascending.
struct LeafRows: ~Copyable {
  let capacity: Int
  let rows: UnsafeMutablePointer<UInt32>
  private let spare: UnsafeMutablePointer<UInt32>

  init(capacity: Int) {
    self.capacity = capacity
    rows = .allocate(capacity: capacity)
    spare = .allocate(capacity: capacity)
  }

  deinit {
    rows.deallocate()
    spare.deallocate()
  }

  /// Parts a leaf's rows, keeping their order on either side; returns how many went left.
  ///
  /// - Parameter bins: [N], the column's.
  func partition(_ range: Range<Int>, bins: UnsafePointer<UInt8>, lastLeftBin: UInt8, isMissingLeft: Bool) -> Int {
    // Missing is bin 0: with it wrapped round to 255 on the right, one unsigned comparison decides.
    let shift: UInt8 = isMissingLeft ? 0 : 1
    let limit = lastLeftBin &- shift
    return partition(range, bins: bins) { ($0 &- shift) <= limit }
  }

  /// The same by a table of bins that go left; [256].
  func partition(_ range: Range<Int>, bins: UnsafePointer<UInt8>, leftBins: UnsafePointer<Bool>) -> Int {
    partition(range, bins: bins) { leftBins[Int($0)] }
  }

  @inline(__always)
  private func partition(
    _ range: Range<Int>, bins: UnsafePointer<UInt8>, isLeft: (UInt8) -> Bool
  ) -> Int {
    let prefetchDistance = 32
    var left = rows + range.lowerBound
    var right = spare
    var index = range.lowerBound
    @inline(__always) func part(_ row: UInt32) {
      let goesLeft = isLeft(bins[Int(row)])
      // Both writes, one of which is written over later: cheaper than a branch that cannot be foreseen.
      left.pointee = row
      right.pointee = row
      left += goesLeft ? 1 : 0
      right += goesLeft ? 0 : 1
    }
    let prefetchEnd = range.upperBound - prefetchDistance
    while index < prefetchEnd {
      cintrinsics_prefetch(bins + Int(rows[index + prefetchDistance]))
      part(rows[index])
      index += 1
    }
    while index < range.upperBound {
      part(rows[index])
      index += 1
    }
    left.update(from: spare, count: right - spare)
    return left - (rows + range.lowerBound)
  }
}
