// SPDX-License-Identifier: Apache-2.0

import CIntrinsics

/// Row numbers and gradient words of a tree's rows, the rows of a leaf contiguous and ascending.
struct LeafRows: ~Copyable {
  let capacity: Int
  let rows: UnsafeMutablePointer<UInt32>
  /// In the order of `rows`: a histogram reads them front to back.
  let words: UnsafeMutablePointer<Int64>
  private let spareRows: UnsafeMutablePointer<UInt32>
  private let spareWords: UnsafeMutablePointer<Int64>

  init(capacity: Int) {
    self.capacity = capacity
    rows = .allocate(capacity: capacity)
    words = .allocate(capacity: capacity)
    spareRows = .allocate(capacity: capacity)
    spareWords = .allocate(capacity: capacity)
  }

  deinit {
    rows.deallocate()
    words.deallocate()
    spareRows.deallocate()
    spareWords.deallocate()
  }

  /// Parts a leaf's rows, keeping their order on either side.
  ///
  /// - Parameters:
  ///   - bins: the column's bin of row 0; the next row's is `stride` further.
  /// - Returns: rows of the left part and the sum of their words.
  func partition(
    _ range: Range<Int>, bins: UnsafePointer<UInt8>, stride: Int, lastLeftBin: UInt8, isMissingLeft: Bool
  ) -> (leftCount: Int, leftSum: Int64) {
    let prefetchDistance = 16
    var left = range.lowerBound
    var right = 0
    var leftSum: Int64 = 0
    // Missing is bin 0: with it wrapped round to 255 on the right, one unsigned comparison decides.
    let shift: UInt8 = isMissingLeft ? 0 : 1
    let limit = lastLeftBin &- shift
    for index in range {
      if index + prefetchDistance < range.upperBound {
        cintrinsics_prefetch(bins + Int(rows[index + prefetchDistance]) * stride)
      }
      let row = rows[index]
      let word = words[index]
      let isLeft = (bins[Int(row) * stride] &- shift) <= limit
      // Both writes, one of which is written over later: cheaper than a branch that cannot be foreseen.
      rows[left] = row
      words[left] = word
      spareRows[right] = row
      spareWords[right] = word
      left += isLeft ? 1 : 0
      right += isLeft ? 0 : 1
      leftSum &+= isLeft ? word : 0
    }
    (rows + left).update(from: spareRows, count: right)
    (words + left).update(from: spareWords, count: right)
    return (left - range.lowerBound, leftSum)
  }
}
