// SPDX-License-Identifier: Apache-2.0

/// Options of the time-aware LSTM with attention.
///
/// - Source: Hochreiter & Schmidhuber 1997; Baytas et al. 2017 (time-aware memory decay); Kingma & Ba 2015 (Adam).
package struct LSTMOptions: Hashable, Sendable {
  /// How the short-term part of the memory fades with Δ hours since the last observation, Baytas et al. 2017 section 3.2.
  package enum Decay: String, CaseIterable, Hashable, Sendable {
    /// A plain LSTM: no fading.
    case none
    /// 1 / log(e + Δ), for long gaps.
    case log
    /// 1 / (1 + Δ), for short gaps; the paper's 1/Δ without its pole.
    case inverse
  }

  package var hiddenCount: Int
  package var epochCount: Int
  package var batchRows: Int
  package var learningRate: Double
  package var dropout: Double
  package var weightDecay: Double
  package var gradientNormMax: Double
  package var patienceEpochs: Int
  package var decay: Decay
  package var positiveWeight: Double

  package init(_ parameters: Parameters = [:]) throws(ParameterError) {
    let given = try Learner.lstm.resolve(parameters)
    hiddenCount = given.integer("hidden")
    epochCount = given.integer("epochs")
    batchRows = given.integer("batch")
    learningRate = given.real("learning_rate")
    dropout = given.real("dropout")
    weightDecay = given.real("weight_decay")
    gradientNormMax = given.real("gradient_clip")
    patienceEpochs = given.integer("patience")
    decay = Decay(rawValue: given.text("decay")) ?? .log
    positiveWeight = given.real("positive_weight")
  }

  package static let specifications: [ParameterSpecification] = [
    .init("hidden", .integer(1...4_096), default: .integer(32), unit: "units", "Hidden units H."),
    .init("epochs", .integer(1...10_000), default: .integer(20), unit: "epochs", "Most passes over the training rows."),
    .init("batch", .integer(1...65_536), default: .integer(64), unit: "rows", "Rows a gradient step sees."),
    .init("learning_rate", .real(1e-7...1), default: .real(0.003), "Adam's step size."),
    .init("dropout", .real(0...0.95), default: .real(0.1), "Share of the pooled representation dropped in training."),
    .init("weight_decay", .real(0...10), default: .real(0), "Decoupled weight decay (Loshchilov & Hutter 2019)."),
    .init("gradient_clip", .real(1e-3...1e6), default: .real(5), "Largest norm of the whole gradient."),
    .init(
      "patience", .integer(0...10_000), default: .integer(4), unit: "epochs",
      "Epochs without a better loss on the inner validation rows before training ends; 0 trains all epochs."),
    .init(
      "decay", .choice(Decay.allCases.map(\.rawValue)), default: .text("log"),
      "How the short-term memory fades with the hours since the last observation."),
    .init("positive_weight", .real(1e-3...1e4), default: .real(1), "Weight of a row with label 1."),
  ]
}
