// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters
import LinearModels
import RecurrentNets

/// What a model can be written as for other programs.
package enum ExportFormat: String, CaseIterable, Sendable {
  case onnx
  case safetensors
  case lightgbm
}

extension FinishedModel {
  /// Formats of this learner.
  package var exportFormats: [ExportFormat] {
    switch content {
    case .trees: [.lightgbm, .onnx]
    case .network: [.onnx, .safetensors]
    case .line: [.safetensors]
    }
  }

  /// The model as another program reads it.
  ///
  /// ONNX files carry in `metadata_props` what a caller needs to make the inputs: `muster`, where the model comes from with the names
  /// of its columns, and of a network `channels.means`, `channels.scales`, `columns.means`, `columns.scales`, JSON lists. LightGBM's text
  /// and safetensors are the model's own file.
  ///
  /// - Parameter own: the bytes of the model's file.
  /// - Throws: `.unsupported`, naming what there is instead.
  package func exported(to format: ExportFormat, own: [UInt8]) throws(ModelError) -> [UInt8] {
    switch (content, format) {
    case (.trees(let booster), .onnx):
      do throws(BoosterError) {
        return try booster.onnx(metadata: origin.map { [(ModelOrigin.key, $0.json)] } ?? [])
      } catch {
        throw unsupported(format, "\(error.expected)", "\(error.found)", "export it with --to lightgbm")
      }
    case (.network(let fitted), .onnx): return fitted.network.onnxFile(metadata: metadata(fitted))
    case (.trees, .lightgbm), (.network, .safetensors), (.line, .safetensors): return own
    case (.trees, .safetensors), (.network, .lightgbm), (.line, .lightgbm), (.line, .onnx):
      let names = exportFormats.map(\.rawValue).joined(separator: " or ")
      throw unsupported(
        format, "\(names), which learner \(learnerName) has", format.rawValue,
        "export it with --to \(exportFormats[0].rawValue)")
    }
  }

  private func unsupported(
    _ format: ExportFormat, _ expected: String, _ found: String, _ advice: String
  ) -> ModelError {
    ModelError(
      .unsupported, path: path, subject: "--to \(format.rawValue)", expected: expected, found: found, advice: advice)
  }

  private func metadata(_ fitted: FittedNetwork) -> [(name: String, value: String)] {
    func list(_ values: [Double]) -> String { "[" + values.map { "\($0)" }.joined(separator: ",") + "]" }
    let (channels, columns) = (fitted.preparation, fitted.preparation.statics)
    return (origin.map { [(ModelOrigin.key, $0.json)] } ?? []) + [
      ("channels.means", list(channels.means)), ("channels.scales", list(channels.scales)),
      ("columns.means", list(columns.means)), ("columns.scales", list(columns.scales)),
    ]
  }
}
