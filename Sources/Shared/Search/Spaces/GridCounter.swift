// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

/// Counts and numbers the cells of a space without listing them: the first parameter varies slowest, the last fastest.
///
/// Only parameters that a condition names are tried value by value; all others multiply. So the cost grows with the
/// number of such values and not with the size of the grid.
struct GridCounter {
  private let steps: [SearchSpace.Step]
  private let conditionNames: Set<String>

  init(_ space: SearchSpace) {
    steps = space.steps
    var names: Set<String> = []
    func collect(_ space: SearchSpace) {
      for branch in space.branches {
        names.formUnion(branch.conditions.map(\.name))
        collect(branch.space)
      }
    }
    collect(space)
    conditionNames = names
  }

  /// Cells in all, saturated at `Int.max`; `nil` where a parameter is continuous.
  var count: Int? { count(steps[...], Parameters()) }

  /// The parameters of cell `index`, which must be below `count`.
  func cell(at index: Int) -> Parameters {
    var (index, pending, found) = (index, Array(steps.reversed()), Parameters())
    while let step = pending.popLast() {
      switch step {
      case .branch(let branch):
        guard branch.conditions.allSatisfy({ $0.holds(in: found) }) else { continue }
        pending += branch.space.steps.reversed()
      case .parameter(let parameter):
        found[parameter.name] = take(parameter, from: &index, rest: pending.reversed()[...], found)
      }
    }
    return found
  }

  /// The value of `parameter` in cell `index` of what is left; `index` becomes the cell's number among those that share it.
  private func take(
    _ parameter: SearchSpace.Parameter, from index: inout Int, rest: ArraySlice<SearchSpace.Step>, _ found: Parameters
  ) -> ParameterValue {
    guard conditionNames.contains(parameter.name) else {
      let below = count(rest, found) ?? 1
      defer { index %= below }
      return parameter.distribution.value(at: index / below)
    }
    var found = found
    for position in 0..<(parameter.distribution.valueCount ?? 0) {
      let value = parameter.distribution.value(at: position)
      found[parameter.name] = value
      let below = count(rest, found) ?? 1
      if index < below { return value }
      index -= below
    }
    preconditionFailure("the grid has no cell \(index) below \(parameter.name)")
  }

  /// The number of the cell that is `parameters`, which the space must contain: `cell(at:)` turned round.
  func index(of parameters: Parameters) -> Int {
    var (index, pending, found) = (0, Array(steps.reversed()), Parameters())
    while let step = pending.popLast() {
      switch step {
      case .branch(let branch):
        guard branch.conditions.allSatisfy({ $0.holds(in: found) }) else { continue }
        pending += branch.space.steps.reversed()
      case .parameter(let parameter):
        let (name, distribution) = (parameter.name, parameter.distribution)
        guard let value = parameters[name], let position = distribution.index(of: value) else {
          preconditionFailure("\(parameters.json) is no cell of the grid: \(name)")
        }
        let rest: ArraySlice<SearchSpace.Step> = pending.reversed()[...]
        if conditionNames.contains(name) {
          for earlier in 0..<position {
            found[name] = distribution.value(at: earlier)
            index += count(rest, found) ?? 0
          }
        } else {
          index += position * (count(rest, found) ?? 1)
        }
        found[name] = value
      }
    }
    return index
  }

  private func count(_ steps: ArraySlice<SearchSpace.Step>, _ found: Parameters) -> Int? {
    guard let first = steps.first else { return 1 }
    let rest = steps.dropFirst()
    switch first {
    case .branch(let branch):
      guard branch.conditions.allSatisfy({ $0.holds(in: found) }) else { return count(rest, found) }
      return count((branch.space.steps + rest)[...], found)
    case .parameter(let parameter):
      guard let valueCount = parameter.distribution.valueCount else { return nil }
      guard conditionNames.contains(parameter.name) else {
        return count(rest, found).map { saturating(valueCount.multipliedReportingOverflow(by: $0)) }
      }
      var (sum, found) = (0, found)
      for position in 0..<valueCount {
        found[parameter.name] = parameter.distribution.value(at: position)
        guard let below = count(rest, found) else { return nil }
        sum = saturating(sum.addingReportingOverflow(below))
      }
      return sum
    }
  }

  private func saturating(_ result: (partialValue: Int, overflow: Bool)) -> Int {
    result.overflow ? Int.max : result.partialValue
  }
}

extension SearchSpace {
  /// Different proposals there are, saturated at `Int.max`; `nil` where a parameter is continuous.
  package var size: Int? { GridCounter(self).count }
}
