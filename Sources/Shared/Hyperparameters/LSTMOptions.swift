// SPDX-License-Identifier: Apache-2.0

/// Options of the time-aware LSTM with attention.
///
/// - Source: Hochreiter & Schmidhuber 1997; Baytas et al. 2017 (time-aware memory decay); Che et al. 2018 (decay toward the
///   mean); Kazemi et al. 2019 (time encoding); Kingma & Ba 2015 (Adam).
package struct LSTMOptions: Hashable, Sendable {
  package var hiddenCount: Int
  package var layerCount: Int
  package var isBidirectional: Bool
  package var decay: Decay
  package var timeEncodingCount: Int
  package var decaysToMean: Bool
  package var attention: Attention
  package var normalisesLayers: Bool
  package var dropout: Double
  package var variationalDropout: Double
  package var epochCount: Int
  package var batchRows: Int
  package var learningRate: Double
  package var schedule: Schedule
  package var warmupEpochs: Double
  package var weightDecay: Double
  package var gradientNormMax: Double
  package var patienceEpochs: Int
  package var stopsEarly: Bool { patienceEpochs > 0 }
  package var stopMetric: StopMetric
  package var positiveWeight: Double
  package var focalGamma: Double
  /// Share of all further heads together in the loss that is trained on, the outcome's own being 1; 0: no further head.
  package var auxiliaryWeight: Double
  /// Outcomes of the further heads; empty for all that the data set has labels of.
  package var auxiliary: ColumnList

  package init(_ parameters: Parameters = [:]) throws(ParameterError) {
    let given = try Learner.lstm.resolve(parameters)
    hiddenCount = given.integer("hidden")
    layerCount = given.integer("layers")
    isBidirectional = given.flag("bidirectional")
    decay = Decay(rawValue: given.text("decay")) ?? .log
    timeEncodingCount = given.integer("time_encoding")
    decaysToMean = given.flag("mean_decay")
    attention = Attention(rawValue: given.text("attention")) ?? .additive
    normalisesLayers = given.flag("layer_norm")
    dropout = given.real("dropout")
    variationalDropout = given.real("variational_dropout")
    epochCount = given.integer("epochs")
    batchRows = given.integer("batch")
    learningRate = given.real("learning_rate")
    schedule = Schedule(rawValue: given.text("schedule")) ?? .constant
    warmupEpochs = given.real("warmup")
    weightDecay = given.real("weight_decay")
    gradientNormMax = given.real("gradient_clip")
    patienceEpochs = given.integer("patience")
    stopMetric = StopMetric(rawValue: given.text("stop_metric")) ?? .loss
    positiveWeight = given.real("positive_weight")
    focalGamma = given.real("focal_gamma")
    auxiliaryWeight = given.real("auxiliary_weight")
    auxiliary = given.columns("auxiliary", isSigned: false)
  }
}

extension LSTMOptions {
  /// Which of a data set's further labels have a head.
  ///
  /// - Parameter outcomes: those that it has labels of.
  /// - Throws: where it has none, and for a word that fits none.
  package func furtherPlaces(among outcomes: [String]) throws(ParameterError) -> [Int] {
    guard !outcomes.isEmpty else {
      throw ParameterError(
        name: "auxiliary_weight", expected: "0 for a data set without further labels", found: "\(auxiliaryWeight)")
    }
    guard !auxiliary.isEmpty else { return Array(outcomes.indices) }
    let kind = "some of \(outcomes.joined(separator: ", "))"
    let marks = try auxiliary.signs(of: outcomes, parameter: "auxiliary", kind: kind)
    return outcomes.indices.filter { marks[$0] != 0 }
  }

  /// How the short-term part of the memory fades with Δ hours since the last observation, Baytas et al. 2017 section 3.2.
  package enum Decay: String, CaseIterable, Hashable, Sendable {
    /// A plain LSTM: no fading.
    case none
    /// 1 / log(e + Δ), for long gaps.
    case log
    /// 1 / (1 + Δ), for short gaps; the paper's 1/Δ without its pole.
    case inverse
    /// e^(−r·Δ), each unit's rate r learned.
    case exponential
  }

  /// How the steps' states are pooled.
  package enum Attention: String, CaseIterable, Hashable, Sendable {
    /// Scores v·tanh(W·h + b).
    case additive
    /// Scores v·h.
    case linear
  }

  /// How the step size moves after the warm-up.
  package enum Schedule: String, CaseIterable, Hashable, Sendable {
    case constant
    /// Down to 0 along half a cosine over all epochs (Loshchilov & Hutter 2017, without restarts).
    case cosine
    /// Halved after every second epoch in a row without a better stop metric.
    case plateau
  }

  /// What early stopping watches on the inner validation rows.
  package enum StopMetric: String, CaseIterable, Hashable, Sendable {
    case loss
    /// Area under the ROC curve; the loss where labels are not 0 and 1.
    case auroc
    /// Area under the precision–recall curve; the loss where labels are not 0 and 1.
    case auprc
  }
}
