// SPDX-License-Identifier: Apache-2.0

/// Options of regularised logistic and linear regression.
///
/// The penalty is `l1·‖w‖₁ + l2/2·‖w‖²` beside the *mean* loss over rows, columns standardised, intercept free: so one
/// value means the same on 100 rows and on 50,000.
///
/// - Source: Zou & Hastie 2005 (elastic net).
package struct LinearOptions: Hashable, Sendable {
  package var l1: Double
  package var l2: Double
  package var iterationCountMax: Int
  package var tolerance: Double
  package var positiveWeight: Double

  package init(_ parameters: Parameters = [:]) throws(ParameterError) {
    let given = try Learner.linear.resolve(parameters)
    l1 = given.real("l1")
    l2 = given.real("l2")
    iterationCountMax = given.integer("iterations")
    tolerance = given.real("tolerance")
    positiveWeight = given.real("positive_weight")
  }

  package static let specifications: [ParameterSpecification] = [
    .init("l1", .real(0...1e6), default: .real(0), "L1 penalty on the weights of standardised columns."),
    .init("l2", .real(0...1e6), default: .real(0.01), "L2 penalty on the weights of standardised columns."),
    .init("iterations", .integer(1...1_000_000), default: .integer(500), unit: "iterations", "Most solver iterations."),
    .init("tolerance", .real(1e-12...1), default: .real(1e-6), "Largest change of a weight at which the solver ends."),
    .init("positive_weight", .real(1e-3...1e4), default: .real(1), "Weight of a row with label 1."),
  ]
}
