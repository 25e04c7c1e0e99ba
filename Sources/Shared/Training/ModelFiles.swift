// SPDX-License-Identifier: Apache-2.0

import LinearModels
import RecurrentNets

/// A fitted model and what prepares its inputs, as one safetensors file: means and 1/sd (0 for a column without variance) of the
/// fitted rows beside the weights. Trees need no preparation and have a file of their own.
func modelFile(_ network: RecurrentNet, _ preparation: SequencePreparation) -> [UInt8] {
  network.safetensorsFile(with: preparation.tensors)
}

/// `weights` are for the standardised columns and then for one indicator of absence for each of `columns.indicators`.
func modelFile(_ fit: LinearFit, _ scaling: ColumnScaling) -> [UInt8] {
  let own = [
    vector("weights", fit.weights), vector("intercept", [fit.intercept]),
    vector("columns.indicators", scaling.indicators.map(Double.init)),
  ]
  return safetensors(own + scaling.tensors, metadata: [("learner", "linear"), ("objective", "\(fit.objective)")])
}

extension ColumnScaling {
  var tensors: [NamedTensor] { [vector("columns.means", means), vector("columns.scales", scales)] }
}

extension SequencePreparation {
  var tensors: [NamedTensor] { [vector("channels.means", means), vector("channels.scales", scales)] + statics.tensors }
}

private func vector(_ name: String, _ values: [Double]) -> NamedTensor {
  NamedTensor(name: name, extents: [values.count], values: values.map { Float($0) })
}
