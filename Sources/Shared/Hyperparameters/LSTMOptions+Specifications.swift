// SPDX-License-Identifier: Apache-2.0

extension LSTMOptions {
  package static let specifications: [ParameterSpecification] = network + training

  private static let network: [ParameterSpecification] = [
    .init(
      "hidden", .integer(1...4_096), default: .integer(32), unit: "units", "Hidden units H of a layer and direction."),
    .init("layers", .integer(1...3), default: .integer(1), unit: "layers", "LSTM layers."),
    .init("bidirectional", .flag, default: .flag(false), "Whether each layer also reads the stay from its end."),
    .init(
      "decay", .choice(Decay.allCases.map(\.rawValue)), default: .text("log"),
      "How the short-term memory fades with the hours since the last observation."),
    .init(
      "time_encoding", .integer(0...64), default: .integer(0), unit: "inputs",
      "Learned waves of the elapsed hours that are joined to the inputs."),
    .init(
      "mean_decay", .flag, default: .flag(false),
      "Whether unobserved channels fade to their mean, and the state with them, at learned rates."),
    .init(
      "attention", .choice(Attention.allCases.map(\.rawValue)), default: .text("additive"),
      "How a step's weight in the pooled state is scored."),
    .init("layer_norm", .flag, default: .flag(false), "Whether each layer's output is normalised (Ba et al. 2016)."),
  ]

  private static let training: [ParameterSpecification] = [
    .init("epochs", .integer(1...10_000), default: .integer(20), unit: "epochs", "Most passes over the training rows."),
    .init("batch", .integer(1...65_536), default: .integer(64), unit: "rows", "Rows a gradient step sees."),
    .init("learning_rate", .real(1e-7...1), default: .real(0.003), "Adam's largest step size."),
    .init(
      "schedule", .choice(Schedule.allCases.map(\.rawValue)), default: .text("constant"),
      "How the step size moves after the warm-up."),
    .init(
      "warmup", .real(0...1_000), default: .real(0), unit: "epochs",
      "Epochs in which the step size rises from 0 in a line."),
    .init("dropout", .real(0...0.95), default: .real(0.1), "Share of the pooled representation dropped in training."),
    .init(
      "variational_dropout", .real(0...0.95), default: .real(0),
      "Share of inputs and states dropped for a whole sequence (Gal & Ghahramani 2016)."),
    .init("weight_decay", .real(0...10), default: .real(0), "Decoupled weight decay (Loshchilov & Hutter 2019)."),
    .init("gradient_clip", .real(1e-3...1e6), default: .real(5), "Largest norm of the whole gradient."),
    .init(
      "patience", .integer(0...10_000), default: .integer(4), unit: "epochs",
      "Epochs without a better stop metric on the inner validation rows before training ends; 0 trains all epochs, on the inner rows too."
    ),
    .init(
      "stop_metric", .choice(StopMetric.allCases.map(\.rawValue)), default: .text("loss"),
      "What early stopping and the plateau schedule watch."),
    .init("positive_weight", .real(1e-3...1e4), default: .real(1), "Weight of a row with label 1."),
    .init(
      "focal_gamma", .real(0...10), default: .real(0),
      "Focal loss: (1 − p)^γ times the log loss (Lin et al. 2017); 0 is log loss."),
    .init(
      "auxiliary_weight", .real(0...10), default: .real(0),
      "Share in the loss of further heads, for the data set's further labels, together; the outcome's own is 1, and 0 trains that alone."
    ),
    .init(
      "auxiliary", .outcomes, default: .text(""),
      "Which further labels have a head; `*` at the end of a name for any rest; empty for all."),
  ]
}
