// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Models
import Reporting

extension ExportFormat: ExpressibleByArgument {}

struct ModelExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a model for onnxruntime, LightGBM or PyTorch.",
    discussion: """
      Examples:
        muster model export readmission-demo-refit --to onnx --out model.onnx
        muster model export trees.txt --to lightgbm --out model.txt
      Trees: lightgbm, onnx. LSTM: onnx, safetensors. Linear models: safetensors. What prepares the inputs is in the file;
      docs/Models.md has the recipe.
      """)

  @OptionGroup var place: ModelPlace

  @Option(help: ArgumentHelp("onnx, safetensors or lightgbm.", valueName: "format"))
  var to: ExportFormat

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var out: String

  func run() throws {
    let model = try place.read()
    guard let own = FileManager.default.contents(atPath: model.path) else {
      throw CommandFailure(.inputMissing, "\(model.path) is no longer there")
    }
    let bytes = try asModelFailure { try model.exported(to: to, own: Array(own)) }
    try ResultFile(path: out, console: Console()).write(bytes, "\(to.rawValue), \(grouped(bytes.count)) bytes")
  }
}
