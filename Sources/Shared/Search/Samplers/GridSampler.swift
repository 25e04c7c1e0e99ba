// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// Every combination once: the cartesian product in declared order, the first parameter varying slowest; parameters of a
/// branch count only in their branch.
package struct GridSampler: Sampler {
  /// Cells that are proposed.
  package let size: Int
  private let counter: GridCounter
  /// Numbers of cells that are not proposed, ascending.
  private let leftOut: [Int]

  /// - Parameter leavingOut: trials that are made anyway; the cells equal to them are skipped.
  /// - Throws: where a range is continuous, or the cells cannot be counted.
  package init(space: SearchSpace, leavingOut: [Parameters] = []) throws(SearchError) {
    for parameter in space.allParameters where parameter.distribution.valueCount == nil {
      throw SearchError(
        .grid, parameter: parameter.name, expected: "a step or points, which a grid needs of a real range",
        found: parameter.distribution.description)
    }
    counter = GridCounter(space)
    let count = counter.count ?? 0
    guard count < Int.max else { throw SearchError(.grid, expected: "fewer than 2⁶³ cells", found: "more") }
    let counter = counter
    var excluded = Set(leavingOut.filter(space.contains).map { counter.index(of: $0) })
    if !space.requirements.isEmpty {
      guard count <= RealRange.valueCountMax else {
        throw SearchError(
          .grid, expected: "at most \(RealRange.valueCountMax) cells with requirements", found: "\(count)")
      }
      excluded.formUnion((0..<count).filter { !space.allows(counter.cell(at: $0)) })
    }
    leftOut = excluded.sorted()
    size = count - leftOut.count
  }

  package func suggest(trial number: Int, after history: TrialHistory) -> Parameters? {
    guard (0..<size).contains(number) else { return nil }
    var cell = number
    for skipped in leftOut where skipped <= cell { cell += 1 }
    return counter.cell(at: cell)
  }
}
