// SPDX-License-Identifier: Apache-2.0

/// Rows of sequences with their static features, complete: imputing and scaling are done before. Rows may differ in length.
///
/// - Shapes: `inputs` [N, T, I], `elapsed` [N, T], `statics` [N, S], all row-major; S may be 0. Ragged: the rows' steps one
///   after the other, [Σ lengths, I] and [Σ lengths].
/// - Units: `elapsed` in hours since the last observation before the step, never negative.
package struct SequenceBatch: Sendable {
  package var inputs: [Float]
  package var elapsed: [Float]
  package var statics: [Float]
  package var rowCount: Int
  /// T: the steps of every row, or of the longest.
  package var stepCount: Int
  package var inputCount: Int
  package var staticCount: Int
  /// C > 0 where the first 3C inputs are the channels' values (0 is the mean), whether they were observed, and their age:
  /// what decay toward the mean needs. Else 0.
  package var channelCount = 0
  /// The first step of each row and, last, Σ lengths; empty where all rows have T steps.
  package private(set) var starts: [Int] = []

  package init(
    inputs: [Float], elapsed: [Float], statics: [Float], rowCount: Int, stepCount: Int, inputCount: Int,
    staticCount: Int, channelCount: Int = 0
  ) {
    self.inputs = inputs
    self.elapsed = elapsed
    self.statics = statics
    self.rowCount = rowCount
    self.stepCount = stepCount
    self.inputCount = inputCount
    self.staticCount = staticCount
    self.channelCount = channelCount
  }

  /// Ragged rows.
  package init(
    inputs: [Float], elapsed: [Float], statics: [Float], lengths: [Int], inputCount: Int, staticCount: Int,
    channelCount: Int = 0
  ) {
    self.init(
      inputs: inputs, elapsed: elapsed, statics: statics, rowCount: lengths.count, stepCount: lengths.max() ?? 0,
      inputCount: inputCount, staticCount: staticCount, channelCount: channelCount)
    starts = [0]
    starts.reserveCapacity(lengths.count + 1)
    for length in lengths { starts.append(starts[starts.count - 1] &+ length) }
  }
}

extension SequenceBatch: SequenceRows {
  @inline(__always)
  private func start(_ row: Int) -> Int { starts.isEmpty ? row * stepCount : starts[row] }

  package func length(_ row: Int) -> Int { starts.isEmpty ? stepCount : starts[row + 1] - starts[row] }

  package func copy(_ row: Int, to places: SequencePlaces) {
    let (first, steps) = (start(row), length(row))
    inputs.withUnsafeBufferPointer { inputs in
      guard let base = inputs.baseAddress else { return }
      for step in 0..<steps {
        (places.inputs + places.cell(step) * places.inputStride)
          .update(from: base + (first + step) * inputCount, count: inputCount)
      }
    }
    for step in 0..<steps { places.elapsed[places.cell(step)] = elapsed[first + step] }
    for column in 0..<staticCount { places.statics[column] = statics[row * staticCount + column] }
  }

  /// - Parameter name: "train" or "validation", for the message.
  package func check(_ name: String) throws(RecurrentNetError) {
    guard rowCount > 0, stepCount > 0, inputCount > 0, staticCount >= 0 else {
      throw .init(
        .badShape, subject: name, expected: "at least one row, step and channel",
        found: "\(rowCount) rows × \(stepCount) steps × \(inputCount) channels and \(staticCount) statics")
    }
    guard channelCount >= 0, channelCount <= inputCount / 3 else {
      throw .init(
        .badShape, subject: "\(name) channels", expected: "value, mask and age of each among \(inputCount) inputs",
        found: "\(channelCount) channels")
    }
    if starts.isEmpty {
      try checkCount(inputs.count, [rowCount, stepCount, inputCount], "\(name) inputs")
      try checkCount(elapsed.count, [rowCount, stepCount], "\(name) elapsed")
    } else {
      guard let row = (0..<rowCount).first(where: { starts[$0 + 1] <= starts[$0] }) else {
        return try checkRagged(name)
      }
      throw .init(.badShape, subject: "\(name) lengths, row \(row)", expected: "at least one step", found: "none")
    }
    try checkStaticsAndValues(name)
  }

  private func checkRagged(_ name: String) throws(RecurrentNetError) {
    try checkCount(inputs.count, [starts[rowCount], inputCount], "\(name) inputs")
    try checkCount(elapsed.count, [starts[rowCount]], "\(name) elapsed")
    try checkStaticsAndValues(name)
  }

  private func checkStaticsAndValues(_ name: String) throws(RecurrentNetError) {
    try checkCount(statics.count, [rowCount, staticCount], "\(name) statics")
    if let index = inputs.firstIndex(where: { !$0.isFinite }) {
      let (cell, channel) = index.quotientAndRemainder(dividingBy: inputCount)
      throw Self.notFinite("\(name) inputs, \(place(cell)), channel \(channel)")
    }
    if let index = elapsed.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw .init(
        .badInput, subject: "\(name) elapsed, \(place(index))", expected: "hours, finite and not negative",
        found: "another number")
    }
    if let index = statics.firstIndex(where: { !$0.isFinite }) {
      throw Self.notFinite("\(name) statics, row \(index / staticCount), column \(index % staticCount)")
    }
  }

  private func place(_ cell: Int) -> String {
    guard !starts.isEmpty else { return "row \(cell / stepCount), step \(cell % stepCount)" }
    let row = (starts.firstIndex { $0 > cell } ?? 1) - 1
    return "row \(row), step \(cell - starts[row])"
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
