// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A search space laid out in the unit cube: one axis for each searched parameter of the tree, in the order of
/// `SearchSpace.allParameters`. A name that stands in two branches has two axes, for it is searched apart in each.
///
/// A point has D coordinates in [0, 1), or NaN on the axes of branches that it does not take. A parameter of k values
/// owns k equal parts of its axis, and a point of it stands in the middle of its part.
package struct UnitCube: Sendable {
  package struct Axis: Sendable {
    package let name: String
    package let distribution: Distribution
    /// Values, where they can be counted.
    package let levelCount: Int?
    /// Neighbours on the axis are alike: all but an unordered choice.
    package let isOrdered: Bool
    /// The level of the tree the axis belongs to: axes of one group exist together. 0 is the root.
    package let group: Int
    /// Prior chances of the values of a weighted choice, adding up to 1.
    let weights: [Double]?
  }

  private struct Node: Sendable {
    var parameters: [(parameter: SearchSpace.Parameter, axis: Int?)] = []
    var branches: [(conditions: [SearchSpace.Condition], node: Node)] = []
  }

  package let space: SearchSpace
  package private(set) var axes: [Axis] = []
  package private(set) var groupCount = 0
  private var root = Node()

  package init(_ space: SearchSpace) {
    self.space = space
    root = makeNode(space)
  }

  private mutating func makeNode(_ space: SearchSpace) -> Node {
    var node = Node()
    let group = groupCount
    groupCount += 1
    for parameter in space.parameters {
      guard parameter.distribution.isSearched else {
        node.parameters.append((parameter, nil))
        continue
      }
      node.parameters.append((parameter, axes.count))
      axes.append(Axis(parameter, group: group))
    }
    for branch in space.branches { node.branches.append((branch.conditions, makeNode(branch.space))) }
    return node
  }

  /// The parameters at a point: `coordinate` is asked for each axis that exists, in the order of the walk.
  package func parameters(_ coordinate: (Int) -> Double) -> Parameters {
    var found = Parameters()
    func visit(_ node: Node) {
      for (parameter, axis) in node.parameters {
        found[parameter.name] =
          axis.map { parameter.distribution.value(atUnit: coordinate($0)) } ?? parameter.distribution.value(at: 0)
      }
      for (conditions, child) in node.branches where conditions.allSatisfy({ $0.holds(in: found) }) { visit(child) }
    }
    visit(root)
    return found
  }

  /// The point of `parameters`. Values outside a range stand at its end; one that a choice does not have is NaN, as are
  /// the axes of branches not taken.
  package func point(of parameters: Parameters) -> [Double] {
    var point = Array(repeating: Double.nan, count: axes.count)
    func visit(_ node: Node) {
      for (parameter, axis) in node.parameters {
        guard let axis, let value = parameters[parameter.name] else { continue }
        point[axis] = parameter.distribution.unit(of: value) ?? .nan
      }
      for (conditions, child) in node.branches where conditions.allSatisfy({ $0.holds(in: parameters) }) {
        visit(child)
      }
    }
    visit(root)
    return point
  }
}

extension UnitCube.Axis {
  fileprivate init(_ parameter: SearchSpace.Parameter, group: Int) {
    name = parameter.name
    distribution = parameter.distribution
    levelCount = parameter.distribution.unitLevelCount
    self.group = group
    guard case .choice(let choice) = parameter.distribution else {
      (isOrdered, weights) = (true, nil)
      return
    }
    isOrdered = choice.isOrdered
    let sum = choice.weights?.reduce(0, +) ?? 1
    weights = choice.weights?.map { $0 / sum }
  }

  /// `unit` moved to the middle of its part, where the axis has parts.
  func snapped(_ unit: Double) -> Double {
    let inside = min(max(unit, 0), 1 - 0x1p-53)
    guard let levelCount else { return inside }
    return ((inside * Double(levelCount)).rounded(.down) + 0.5) / Double(levelCount)
  }
}

extension Distribution {
  /// Parts of the axis; `nil` for a continuous one. A logarithmic range of integers has none: its parts are unequal.
  fileprivate var unitLevelCount: Int? {
    if case .integer(let range) = self, range.isLog, range.pointCount == nil { return nil }
    return valueCount
  }

  /// The value at `unit` of the way along the axis.
  func value(atUnit unit: Double) -> ParameterValue {
    let unit = unit.isFinite ? min(max(unit, 0), 1 - 0x1p-53) : 0.5
    if let count = unitLevelCount { return value(at: min(Int(unit * Double(count)), count - 1)) }
    switch self {
    case .real(let range): return .real(range.value(atShare: unit))
    case .integer(let range): return .integer(range.logUniform(unit))
    case .choice, .fixed: return value(at: 0)
    }
  }

  /// Where `value` stands on the axis; `nil` for one that a choice does not have.
  fileprivate func unit(of value: ParameterValue) -> Double? {
    switch self {
    case .choice, .fixed: return index(of: value).map { (Double($0) + 0.5) / Double(valueCount ?? 1) }
    case .integer(let range):
      guard let number = value.number, number.isFinite else { return nil }
      if range.isLog, range.pointCount == nil {
        let (bottom, top) = (log(Double(range.low) - 0.5), log(Double(range.high) + 0.5))
        return inside((log(max(number, Double(range.low))) - bottom) / (top - bottom))
      }
      if case .integer(let whole) = value, let index = range.index(of: whole) {
        return (Double(index) + 0.5) / Double(range.count)
      }
      return share(number, Double(range.low), Double(range.high), isLog: range.isLog)
    case .real(let range):
      guard let number = value.number, number.isFinite else { return nil }
      if let grid = range.grid, let index = grid.index(of: number) { return (Double(index) + 0.5) / Double(grid.count) }
      return share(number, range.low, range.high, isLog: range.isLog)
    }
  }

  private func share(_ number: Double, _ low: Double, _ high: Double, isLog: Bool) -> Double {
    guard high > low else { return 0.5 }
    let number = min(max(number, low), high)
    return inside(isLog ? (log(number) - log(low)) / (log(high) - log(low)) : (number - low) / (high - low))
  }

  private func inside(_ unit: Double) -> Double { min(max(unit, 0), 1 - 0x1p-53) }
}

extension RealGrid {
  /// The index whose value is exactly `number`, looked for around the place where it must lie.
  func index(of number: Double) -> Int? {
    guard number >= low, number <= high, count > 1 else { return number == low ? 0 : nil }
    let share: Double =
      if case .log = spacing { (log(number) - log(low)) / (log(high) - log(low)) } else {
        (number - low) / (high - low)
      }
    let guess = Int((share * Double(count - 1)).rounded())
    return (max(guess - 1, 0)...min(guess + 1, count - 1)).first { value(at: $0) == number }
  }
}
