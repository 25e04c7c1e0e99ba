// SPDX-License-Identifier: Apache-2.0

/// How work is spread over threads: `run(count, body)` calls body(0), …, body(count − 1), at once or one after the other,
/// and returns when all have ended. The fit is the same to the last bit whichever it does.
package struct BoosterThreads: Sendable {
  package let count: Int
  package let run: @Sendable (Int, @Sendable (Int) -> Void) -> Void

  package init(count: Int, run: @escaping @Sendable (Int, @Sendable (Int) -> Void) -> Void) {
    self.count = max(1, count)
    self.run = run
  }

  /// The calling thread alone.
  package static let one = BoosterThreads(count: 1) { count, body in for index in 0..<count { body(index) } }
}

/// Builds a leaf's histogram, searches it, and where it has a sibling makes the parent's histogram the sibling's and
/// searches that too; block by block, so that sums are searched while in the cache.
///
/// Threads take whole blocks. Sums are integers and each thread's best candidate is merged by score and column, so the
/// outcome does not depend on which thread took what. `@unchecked`: a block's lines and live bits are touched by the one
/// thread that took it.
final class LeafPass: @unchecked Sendable {
  struct Part {
    let leaf: SplitSearch.Leaf
    let histogram: LeafHistogram
    /// In: the parent's live columns; out: those that may still split.
    var live: [UInt8]
    var best = SplitSearch.Candidate()
  }

  private let layout: HistogramLayout
  private let matrix: BinnedMatrix
  private let searching: SplitSearch
  private let threads: BoosterThreads
  private let builders: [HistogramBuilder]

  init(layout: HistogramLayout, matrix: BinnedMatrix, searching: SplitSearch, threads: BoosterThreads) {
    self.layout = layout
    self.matrix = matrix
    self.searching = searching
    self.threads = threads
    builders = (0..<min(threads.count, max(matrix.blocks.count, 1))).map { _ in
      HistogramBuilder(layout: layout, matrix: matrix)
    }
  }

  /// - Parameters:
  ///   - rows: the built leaf's; nil when they are all rows of the matrix.
  ///   - isSearched: whether the built leaf may be split.
  func run(
    _ built: inout Part, sibling: inout Part?, rows: UnsafePointer<UInt32>?, rowCount: Int,
    words: UnsafePointer<Int64>, isSearched: Bool
  ) {
    let limits = built.leaf.limits
    // What is built for one is there for the other: both have their parent's live columns.
    let live = built.live
    var bests = [(SplitSearch.Candidate, SplitSearch.Candidate)](
      repeating: (SplitSearch.Candidate(), SplitSearch.Candidate()), count: builders.count)
    let (builtLeaf, builtHistogram) = (built.leaf, built.histogram)
    let siblingPart = sibling.map { ($0.leaf, $0.histogram) }
    var siblingLive = sibling?.live ?? []
    live.withUnsafeBufferPointer { live in
      built.live.withUnsafeMutableBufferPointer { builtLive in
        siblingLive.withUnsafeMutableBufferPointer { siblingLive in
          bests.withUnsafeMutableBufferPointer { bests in
            guard let live = live.baseAddress, let builtLive = builtLive.baseAddress, let bests = bests.baseAddress
            else { return }
            nonisolated(unsafe) let pointers = (
              live: live, built: builtLive, sibling: siblingLive.baseAddress, bests: bests, rows: rows, words: words
            )
            threads.run(builders.count) { [self] lane in
              for index in stride(from: lane, to: matrix.blocks.count, by: builders.count) {
                let block = matrix.blocks[index]
                guard block.groups.contains(where: { pointers.live[$0] != 0 }) else { continue }
                builders[lane].build(
                  builtHistogram, block: block, rows: pointers.rows, words: pointers.words, rowCount: rowCount,
                  rowsPerBatch: limits.scale.rowsPerBatch, live: pointers.live)
                for group in block.groups where pointers.live[group] != 0 {
                  if isSearched {
                    searching.search(
                      group, of: builtHistogram, leaf: builtLeaf, live: pointers.built, best: &pointers.bests[lane].0)
                  }
                  if let (leaf, histogram) = siblingPart, let live = pointers.sibling {
                    searching.subtract(builtHistogram, from: histogram, group: group)
                    searching.search(group, of: histogram, leaf: leaf, live: live, best: &pointers.bests[lane].1)
                  }
                }
              }
            }
          }
        }
      }
    }
    for best in bests {
      built.best.merge(best.0)
      sibling?.best.merge(best.1)
    }
    sibling?.live = siblingLive
  }
}
