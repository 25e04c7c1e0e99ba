// SPDX-License-Identifier: Apache-2.0

package import Boosters
package import LinearModels
package import RecurrentNets

/// A fitted network and what prepares its inputs, as one safetensors file: in 64 bits what was computed in 64 (means and 1/sd of
/// the fitted rows, 0 for a column without variance; the label's mean and deviation), in 32 the weights by PyTorch's names.
package func modelFile(
  _ network: RecurrentNet, _ preparation: SequencePreparation, dropout: Double, variationalDropout: Double,
  origin: ModelOrigin
) -> [UInt8] {
  let links = network.headLinks
  precondition(
    links.map(\.objective) == origin.heads.map(\.objective),
    "a network of \(links.count) heads and an origin of \(origin.heads.count): name every head in ModelOrigin")
  let own = [
    vector("heads.label_means", links.map(\.labelMean)), vector("heads.label_scales", links.map(\.labelScale)),
  ]
  return network.safetensorsFile(
    with: preparation.tensors + own,
    metadata: [
      (ModelOrigin.key, origin.json), ("dropout", "\(dropout)"), ("variational_dropout", "\(variationalDropout)"),
    ])
}

/// `weights` are for the standardised columns and then for one indicator of absence for each of `columns.indicators`.
package func modelFile(_ fit: LinearFit, _ scaling: ColumnScaling, origin: ModelOrigin) -> [UInt8] {
  let own = [
    vector("weights", fit.weights), vector("intercept", [fit.intercept]),
    vector("columns.indicators", scaling.indicators.map(Double.init)),
  ]
  return safetensors(own + scaling.tensors, metadata: [(ModelOrigin.key, origin.json)])
}

/// Trees need no preparation: LightGBM's text, with where they come from in a line of the header that LightGBM reads over.
package func modelFile(_ booster: Booster, origin: ModelOrigin) -> [UInt8] {
  booster.lightGBMText(columnNames: origin.columns.map(\.name), note: (ModelOrigin.key, origin.json))
}

extension ColumnScaling {
  var tensors: [NamedTensor] { [vector("columns.means", means), vector("columns.scales", scales)] }
}

extension SequencePreparation {
  var tensors: [NamedTensor] { [vector("channels.means", means), vector("channels.scales", scales)] + statics.tensors }
}

private func vector(_ name: String, _ values: [Double]) -> NamedTensor {
  NamedTensor(name: name, extents: [values.count], doubles: values)
}
