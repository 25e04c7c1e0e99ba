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
/// searches that too; group by group, so that sums are searched while in the cache.
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

  private let threads: BoosterThreads
  private let builders: [HistogramBuilder]
  private let isWide: Bool

  /// - Parameter isWide: with AVX-512, which the CPU has to have.
  init(matrix: BinnedMatrix, threads: BoosterThreads, isWide: Bool) {
    self.threads = threads
    self.isWide = isWide
    builders = (0..<min(threads.count, max(matrix.blocks.count, 1))).map { _ in
      HistogramBuilder(rowCountMax: matrix.rowCount, isWide: isWide)
    }
  }

  /// - Parameters:
  ///   - columns: the tree's.
  ///   - rows: the built leaf's; nil when they are all rows of the matrix.
  ///   - isSearched: whether the built leaf may be split.
  func run(
    _ built: inout Part, sibling: inout Part?, of columns: TreeColumns, rows: UnsafePointer<UInt32>?, rowCount: Int,
    words: UnsafePointer<Int64>, isSearched: Bool
  ) {
    let limits = built.leaf.limits
    // What is built for one is there for the other: both have their parent's live columns.
    let live = built.live
    var bests = [Bests](repeating: (SplitSearch.Candidate(), SplitSearch.Candidate()), count: builders.count)
    let pair = Pair(built, sibling, isSearched: isSearched, columns: columns, isWide: isWide)
    var siblingLive = sibling?.live ?? []
    live.withUnsafeBufferPointer { live in
      built.live.withUnsafeMutableBufferPointer { builtLive in
        siblingLive.withUnsafeMutableBufferPointer { siblingLive in
          bests.withUnsafeMutableBufferPointer { bests in
            guard let live = live.baseAddress, let builtLive = builtLive.baseAddress, let bests = bests.baseAddress
            else { return }
            nonisolated(unsafe) let pointers = (
              live: live, left: (built: builtLive, sibling: siblingLive.baseAddress), bests: bests, rows: rows,
              words: words
            )
            threads.run(builders.count) { [self] lane in
              for index in stride(from: lane, to: columns.blocks.count, by: builders.count) {
                let block = columns.blocks[index]
                guard block.groups.contains(where: { pointers.live[$0] != 0 }) else { continue }
                builders[lane].build(
                  pair.built.histogram, of: columns, block: block, rows: pointers.rows, words: pointers.words,
                  rowCount: rowCount, rowsPerBatch: limits.scale.rowsPerBatch, live: pointers.live
                ) { group in
                  pair.search(group, live: pointers.left, bests: &pointers.bests[lane])
                }
              }
            }
          }
        }
      }
    }
    for best in bests {
      built.best.merge(best.built)
      sibling?.best.merge(best.sibling)
    }
    sibling?.live = siblingLive
  }
}

extension LeafPass {
  typealias Bests = (built: SplitSearch.Candidate, sibling: SplitSearch.Candidate)

  /// A leaf that is built and, where it has one, its sibling, as the search goes through their groups.
  private struct Pair {
    let built: (leaf: SplitSearch.Leaf, histogram: LeafHistogram)
    private let sibling: (leaf: SplitSearch.Leaf, histogram: LeafHistogram)?
    private let isSearched: Bool
    private let searching: SplitSearch
    private let scan: PairScan?

    init(_ built: Part, _ sibling: Part?, isSearched: Bool, columns: TreeColumns, isWide: Bool) {
      self.built = (built.leaf, built.histogram)
      self.sibling = sibling.map { ($0.leaf, $0.histogram) }
      self.isSearched = isSearched
      searching = columns.searching
      scan =
        isWide
        ? PairScan(
          built: built.leaf, sibling: sibling?.leaf, isHessianConstant: columns.layout.isHessianConstant) : nil
    }

    /// - Parameter live: of either leaf; the sibling's nil where there is none.
    func search(
      _ group: Int, live: (built: UnsafeMutablePointer<UInt8>, sibling: UnsafeMutablePointer<UInt8>?),
      bests: inout Bests
    ) {
      if let scan, searching.isPlain(group, live: live.built[group]) {
        return searching.searchBoth(
          group, scan: scan, built: built.histogram, isBuiltSearched: isSearched, sibling: sibling?.histogram,
          live: (live.built, sibling == nil ? nil : live.sibling), bests: &bests)
      }
      if isSearched {
        searching.search(group, of: built.histogram, leaf: built.leaf, live: live.built, best: &bests.built)
      }
      if let sibling, let live = live.sibling {
        searching.subtract(built.histogram, from: sibling.histogram, group: group)
        searching.search(group, of: sibling.histogram, leaf: sibling.leaf, live: live, best: &bests.sibling)
      }
    }
  }
}
