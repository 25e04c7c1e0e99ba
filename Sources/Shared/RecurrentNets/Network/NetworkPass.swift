// SPDX-License-Identifier: Apache-2.0

/// Forward and backward through the whole network for one mini-batch at a time:
///
///     sequence → time-aware LSTM → attention pooling → [pooled, statics] → dropout → linear output
final class NetworkPass {
  let shape: NetworkShape
  let layout: ParameterLayout
  let workspace: Workspace
  /// B of the mini-batch that is loaded.
  private(set) var rows = 0
  private var isDropping = false

  init(_ shape: NetworkShape, rowCountMax: Int, stepCount: Int) {
    useOneBLASThread()
    self.shape = shape
    layout = ParameterLayout(shape)
    workspace = Workspace(shape, rowCountMax: rowCountMax, stepCount: stepCount)
  }

  /// Gathers rows into time-major order.
  ///
  /// - Parameters:
  ///   - fadings: of the whole batch, [N, T]; empty without decay.
  ///   - selection: the rows to take, at most `rowCountMax`.
  func load(_ batch: SequenceBatch, fadings: [Float], selection: ArraySlice<Int>) {
    rows = selection.count
    let (stepCount, inputCount, staticCount) = (batch.stepCount, batch.inputCount, batch.staticCount)
    batch.inputs.withUnsafeBufferPointer { inputs in
      guard let inputs = inputs.baseAddress else { return }
      for (slot, row) in selection.enumerated() {
        for step in 0..<stepCount {
          (workspace.inputs + (step * rows + slot) * inputCount)
            .update(from: inputs + (row * stepCount + step) * inputCount, count: inputCount)
        }
      }
    }
    for (slot, row) in selection.enumerated() {
      if !fadings.isEmpty {
        for step in 0..<stepCount { workspace.fading[step * rows + slot] = fadings[row * stepCount + step] }
      }
      let target = workspace.features + slot * shape.featureCount + shape.hiddenCount
      for column in 0..<staticCount { target[column] = batch.statics[row * staticCount + column] }
    }
  }

  /// Fills `workspace.outputs`. To be called once a `load`: dropout acts on the loaded statics in place.
  ///
  /// - Parameter dropsFeatures: whether `workspace.mask` is applied.
  func forward(_ parameters: UnsafePointer<Float>, dropsFeatures: Bool = false) {
    isDropping = dropsFeatures
    runCells(parameters)
    let space = workspace
    attention.forward(
      attentionWeights(parameters), hidden: space.hidden + rows * shape.hiddenCount, projected: space.projected,
      shares: space.shares, scratch: space.scratch, pooled: space.features, pooledStride: shape.featureCount)
    if dropsFeatures {
      for index in 0..<rows * shape.featureCount { space.features[index] *= space.mask[index] }
    }
    let weights = parameters + layout.start(.outputWeights)
    let bias = parameters[layout.start(.outputBias)]
    for row in 0..<rows {
      space.outputs[row] = bias + dot(space.features + row * shape.featureCount, weights, shape.featureCount)
    }
  }

  /// Fills `gradient` from `workspace.outputSlopes`. To be called once a `forward`, whose arrays it overwrites.
  func backward(_ parameters: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>) {
    let space = workspace
    let featureCount = shape.featureCount
    let weights = parameters + layout.start(.outputWeights)
    let weightGradient = gradient + layout.start(.outputWeights)
    for column in 0..<featureCount { weightGradient[column] = 0 }
    var biasGradient: Float = 0
    for row in 0..<rows {
      let slope = space.outputSlopes[row]
      biasGradient += slope
      addScaled(weightGradient, space.features + row * featureCount, slope, featureCount)
      let target = space.featureSlopes + row * featureCount
      for column in 0..<featureCount { target[column] = slope * weights[column] }
    }
    gradient[layout.start(.outputBias)] = biasGradient
    if isDropping {
      for index in 0..<rows * featureCount { space.featureSlopes[index] *= space.mask[index] }
    }
    attention.backward(
      attentionWeights(parameters), attentionGradients(gradient), hidden: space.hidden + rows * shape.hiddenCount,
      projected: space.projected, shares: space.shares, pooledSlopes: space.featureSlopes, pooledStride: featureCount,
      hiddenSlopes: space.hiddenSlopes, scratch: space.scratch)
    runCellsBackward(parameters, gradient: gradient)
  }

  private var attention: AdditiveAttention {
    AdditiveAttention(stepCount: workspace.stepCount, rows: rows, hiddenCount: shape.hiddenCount)
  }

  private func attentionWeights(_ parameters: UnsafePointer<Float>) -> AdditiveAttention.Weights {
    .init(
      projection: parameters + layout.start(.attentionWeights), bias: parameters + layout.start(.attentionBias),
      query: parameters + layout.start(.attentionQuery))
  }

  private func attentionGradients(_ gradient: UnsafeMutablePointer<Float>) -> AdditiveAttention.Gradients {
    .init(
      projection: gradient + layout.start(.attentionWeights), bias: gradient + layout.start(.attentionBias),
      query: gradient + layout.start(.attentionQuery))
  }
}
