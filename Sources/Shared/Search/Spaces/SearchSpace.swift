// SPDX-License-Identifier: Apache-2.0

package import Hyperparameters

/// What is searched: a tree of parameters, in which a branch exists only where its condition holds.
///
/// - Source: the conditional parameters of Golovin et al. 2017, "Google Vizier", section 2.2.
package struct SearchSpace: Hashable, Sendable {
  package struct Parameter: Hashable, Sendable {
    package let name: String
    package let distribution: Distribution

    package init(_ name: String, _ distribution: Distribution) {
      self.name = name
      self.distribution = distribution
    }
  }

  /// Holds where the named parameter has one of the values.
  package struct Condition: Hashable, Sendable {
    package let name: String
    package let values: [ParameterValue]

    package init(_ name: String, _ values: [ParameterValue]) {
      self.name = name
      self.values = values
    }

    package func holds(in parameters: Parameters) -> Bool { parameters[name].map(values.contains) ?? false }
  }

  /// Parameters that exist only where all conditions hold; these name parameters of the levels around the branch.
  package struct Branch: Hashable, Sendable {
    package let conditions: [Condition]
    package let space: SearchSpace

    package init(if conditions: [Condition], _ space: SearchSpace) {
      self.conditions = conditions
      self.space = space
    }
  }

  /// In declared order, which is the order of the grid.
  package let parameters: [Parameter]
  package let branches: [Branch]
  /// What every proposal must meet besides its ranges. Those of the root count; inner levels have none.
  package let requirements: [Requirement]

  package init(_ parameters: [Parameter], branches: [Branch] = [], requirements: [Requirement] = []) {
    self.parameters = parameters
    self.branches = branches
    self.requirements = requirements
  }
}

extension SearchSpace {
  /// Draws before a random sampler gives the space up as empty.
  static let drawCountMax = 10_000
  /// Proposals of a sampler that learns before it falls back to a random draw.
  static let retryCountMax = 20

  /// Whether `proposal` meets every requirement.
  package func allows(_ proposal: Parameters) -> Bool { requirements.allSatisfy { $0.holds(in: proposal) } }
}

extension SearchSpace {
  /// All parameters of the tree, fixed ones too: outer before inner, in declared order.
  package var allParameters: [Parameter] { parameters + branches.flatMap(\.space.allParameters) }

  /// Parameters that are searched, over all branches.
  package var dimensionCount: Int { allParameters.count { $0.distribution.isSearched } }
  package var fixedCount: Int { allParameters.count { !$0.distribution.isSearched } }

  /// A step of the walk through the tree: parameters first, then the branches whose conditions hold.
  enum Step {
    case parameter(Parameter)
    case branch(Branch)
  }

  var steps: [Step] { parameters.map(Step.parameter) + branches.map(Step.branch) }

  /// Asks `value` for each parameter that exists, given the values so far: in the order of the walk.
  package func walk(_ value: (Parameter, Parameters) -> ParameterValue) -> Parameters {
    var found = Parameters()
    func visit(_ space: SearchSpace) {
      for parameter in space.parameters { found[parameter.name] = value(parameter, found) }
      for branch in space.branches where branch.conditions.allSatisfy({ $0.holds(in: found) }) { visit(branch.space) }
    }
    visit(self)
    return found
  }

  /// Whether a sampler of this space may propose `candidate`: every parameter that exists has a value of its
  /// distribution, and no other is there.
  package func contains(_ candidate: Parameters) -> Bool {
    var isInside = true
    let walked = walk { parameter, _ in
      let value = candidate[parameter.name]
      if value.map(parameter.distribution.contains) != true { isInside = false }
      return value ?? .flag(false)
    }
    return isInside && walked == candidate
  }
}
