// SPDX-License-Identifier: Apache-2.0

/// Rows of regular sequences with their static features, complete: imputing and scaling are done before.
///
/// - Shapes: `inputs` [N, T, I], `elapsed` [N, T], `statics` [N, S], all row-major; S may be 0.
/// - Units: `elapsed` in hours since the last observation before the step, never negative.
package struct SequenceBatch: Sendable {
  package var inputs: [Float]
  package var elapsed: [Float]
  package var statics: [Float]
  package var rowCount: Int
  package var stepCount: Int
  package var inputCount: Int
  package var staticCount: Int

  package init(
    inputs: [Float], elapsed: [Float], statics: [Float], rowCount: Int, stepCount: Int, inputCount: Int,
    staticCount: Int
  ) {
    self.inputs = inputs
    self.elapsed = elapsed
    self.statics = statics
    self.rowCount = rowCount
    self.stepCount = stepCount
    self.inputCount = inputCount
    self.staticCount = staticCount
  }
}

extension SequenceBatch {
  /// - Parameter name: "train" or "validation", for the message.
  func check(_ name: String) throws(RecurrentNetError) {
    guard rowCount > 0, stepCount > 0, inputCount > 0, staticCount >= 0 else {
      throw .init(
        .badShape, subject: name, expected: "at least one row, step and channel",
        found: "\(rowCount) rows × \(stepCount) steps × \(inputCount) channels and \(staticCount) statics")
    }
    try checkCount(inputs.count, [rowCount, stepCount, inputCount], "\(name) inputs")
    try checkCount(elapsed.count, [rowCount, stepCount], "\(name) elapsed")
    try checkCount(statics.count, [rowCount, staticCount], "\(name) statics")
    if let index = inputs.firstIndex(where: { !$0.isFinite }) {
      let (row, rest) = index.quotientAndRemainder(dividingBy: stepCount * inputCount)
      let place = "row \(row), step \(rest / inputCount), channel \(rest % inputCount)"
      throw Self.notFinite("\(name) inputs, \(place)")
    }
    if let index = elapsed.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw .init(
        .badInput, subject: "\(name) elapsed, row \(index / stepCount), step \(index % stepCount)",
        expected: "hours, finite and not negative", found: "another number")
    }
    if let index = statics.firstIndex(where: { !$0.isFinite }) {
      throw Self.notFinite("\(name) statics, row \(index / staticCount), column \(index % staticCount)")
    }
  }

  private func checkCount(_ found: Int, _ shape: [Int], _ subject: String) throws(RecurrentNetError) {
    var product = 1
    for extent in shape {
      let (next, isOverflowing) = product.multipliedReportingOverflow(by: extent)
      guard !isOverflowing else {
        throw .init(.badShape, subject: subject, expected: "a countable shape", found: "\(shape)")
      }
      product = next
    }
    guard found == product else {
      throw .init(.badShape, subject: subject, expected: "\(product) numbers, shape \(shape)", found: "\(found)")
    }
  }

  private static func notFinite(_ subject: String) -> RecurrentNetError {
    .init(
      .badInput, subject: subject, expected: "a finite number (impute and scale before fitting)",
      found: "NaN or infinity")
  }
}
