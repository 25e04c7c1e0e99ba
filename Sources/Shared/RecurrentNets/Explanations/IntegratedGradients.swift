// SPDX-License-Identifier: Apache-2.0

/// What each input and static of a row adds to a head's raw output, against the row at its baseline, where all are 0 (the
/// mean of scaled inputs).
package struct Attributions: Sendable {
  /// [Σ lengths, I], a row's steps one after the other.
  package let inputs: [Float]
  /// [N, S]
  package let statics: [Float]
  /// Raw output of each row and of its baseline, [N]. Attributions of a row add up to their difference, but for the error of
  /// the sum that stands for the integral.
  package let outputs: [Float]
  package let baselines: [Float]
}

extension RecurrentNet {
  /// Integrated gradients along the straight line from the baseline, by the midpoint rule. Elapsed hours are held as they are.
  ///
  /// - Parameters:
  ///   - head: whose raw output (log odds, or standardised label) is explained.
  ///   - pointCount: of the rule; twenty to fifty are usual.
  /// - Source: Sundararajan, Taly & Yan 2017, formula 3.
  /// - Complexity: `pointCount` passes forward and back.
  package func integratedGradients(_ rows: some SequenceRows, head: Int = 0, pointCount: Int = 32) -> Attributions {
    checkFit(rows)
    precondition(head < shape.outputCount && pointCount > 0, "head \(head), \(pointCount) points")
    var (inputs, statics): ([Float], [Float]) = ([], [])
    var (outputs, baselines): ([Float], [Float]) = ([], [])
    guard rows.rowCount > 0 else { return Attributions(inputs: [], statics: [], outputs: [], baselines: []) }
    let pass = NetworkPass(shape, rowCountMax: 1, stepCountMax: rows.stepCount, isTraining: true, explains: true)
    pass.setParameters(parameters)
    for row in 0..<rows.rowCount {
      let length = rows.length(row)
      func run(at share: Float) -> Float {
        pass.load(rows, selection: [row][...])
        pass.scaleInputs(by: share)
        pass.forward()
        return pass.outputs.base[head]
      }
      outputs.append(run(at: 1))
      baselines.append(run(at: 0))
      var inputSums = [Float](repeating: 0, count: length * shape.inputCount)
      var staticSums = [Float](repeating: 0, count: shape.staticCount)
      for point in 0..<pointCount {
        _ = run(at: (Float(point) + 0.5) / Float(pointCount))
        for other in 0..<shape.outputCount { pass.outputSlopes.base[other] = other == head ? 1 : 0 }
        pass.backward()
        pass.addSlopes(to: &inputSums, &staticSums, share: 1 / Float(pointCount))
      }
      pass.load(rows, selection: [row][...])
      pass.multiplyByLoaded(&inputSums, &staticSums)
      inputs += inputSums
      statics += staticSums
    }
    return Attributions(inputs: inputs, statics: statics, outputs: outputs, baselines: baselines)
  }
}

/// One row, its cells in the order of its steps.
extension NetworkPass {
  private var stride: Int { shape.layerInputCount(0) }

  fileprivate func scaleInputs(by share: Float) {
    for cell in 0..<steps.cellCount {
      for column in 0..<shape.inputCount { inputs.base[cell * stride + column] *= share }
    }
    for column in shape.stateCount..<shape.featureCount { features.base[column] *= share }
  }

  fileprivate func addSlopes(to inputSums: inout [Float], _ staticSums: inout [Float], share: Float) {
    for cell in 0..<steps.cellCount {
      for column in 0..<shape.inputCount {
        inputSums[cell * shape.inputCount + column] += share * inputSlopes.base[cell * stride + column]
      }
    }
    for column in 0..<shape.staticCount {
      staticSums[column] += share * featureSlopes.base[shape.stateCount + column]
    }
  }

  fileprivate func multiplyByLoaded(_ inputSums: inout [Float], _ staticSums: inout [Float]) {
    for cell in 0..<steps.cellCount {
      for column in 0..<shape.inputCount {
        inputSums[cell * shape.inputCount + column] *= inputs.base[cell * stride + column]
      }
    }
    for column in 0..<shape.staticCount { staticSums[column] *= features.base[shape.stateCount + column] }
  }
}
