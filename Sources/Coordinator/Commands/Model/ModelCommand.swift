// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Show, apply, explain and export finished models.",
    discussion: """
      MODEL comes first: a file, or what the tracker knows of it: SWEEP (with one model, as a final fit has), SWEEP#TRIAL, or
      SWEEP#TRIAL/fFOLD. Rows are read by muster-worker, never by this program.
      Examples:
        muster model list --tracker runs/demo/tracker.db
        muster model show readmission-demo-refit --tracker runs/demo/tracker.db
        muster model predict readmission-demo-refit --tracker runs/demo/tracker.db --data runs/demo/datasets --out predictions.csv
        muster model export runs/demo/artifacts/ab/cdef… --to onnx --out model.onnx
      """,
    subcommands: [
      ModelListCommand.self, ModelShowCommand.self, ModelPredictCommand.self, ModelExplainCommand.self,
      ModelExportCommand.self,
    ])
}

/// A verb of `muster-worker model`, whose model this program may have to look up.
protocol ModelVerb: ParsableCommand {
  static var verb: String { get }
  /// Whether it reads a data set.
  static var readsRows: Bool { get }
  var arguments: [String] { get }
}

extension ModelVerb {
  func run() throws {
    try becomeWorker(["model", Self.verb] + ModelWords(arguments).resolved(readsRows: Self.readsRows))
  }
}

struct ModelShowCommand: ModelVerb {
  static let verb = "show"
  static let readsRows = false
  static let configuration = CommandConfiguration(
    commandName: verb,
    abstract: "What a model is: learner, shape, options, what it was fitted to, size (runs muster-worker).",
    helpNames: [])

  @Argument(parsing: .captureForPassthrough)
  var arguments: [String] = []
}

struct ModelPredictCommand: ModelVerb {
  static let verb = "predict"
  static let readsRows = true
  static let configuration = CommandConfiguration(
    commandName: verb, abstract: "Apply a model to rows of a data set (runs muster-worker).", helpNames: [])

  @Argument(parsing: .captureForPassthrough)
  var arguments: [String] = []
}

struct ModelExplainCommand: ModelVerb {
  static let verb = "explain"
  static let readsRows = true
  static let configuration = CommandConfiguration(
    commandName: verb,
    abstract: "What each feature adds to a prediction, or to predictions in general (runs muster-worker).",
    helpNames: [])

  @Argument(parsing: .captureForPassthrough)
  var arguments: [String] = []
}

struct ModelExportCommand: ModelVerb {
  static let verb = "export"
  static let readsRows = false
  static let configuration = CommandConfiguration(
    commandName: verb, abstract: "Write a model for onnxruntime, LightGBM or PyTorch (runs muster-worker).",
    helpNames: [])

  @Argument(parsing: .captureForPassthrough)
  var arguments: [String] = []
}
