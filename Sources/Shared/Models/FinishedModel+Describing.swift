// SPDX-License-Identifier: Apache-2.0

import Boosters
import Hyperparameters
import LinearModels
import RecurrentNets

extension FinishedModel {
  /// The model's size and parts in a line, for people.
  package var shape: String {
    switch content {
    case .trees(let booster):
      let leaves = booster.trees.map(\.leafValues.count).max() ?? 1
      let used = booster.splitCountByColumn.filter { $0 > 0 }.count
      return
        "\(booster.trees.count) trees of at most \(leaves) leaves; \(used) of \(booster.columnCount) columns are split on"
    case .line(let line):
      let used = line.fit.weights.filter { $0 != 0 }.count
      let kind = line.fit.objective == .binary ? "logistic" : "least squares"
      let absences = line.scaling.indicators.count
      return
        "\(kind); \(used) of \(line.fit.weights.count) weights are not 0; \(absences) of all are for a column's absence"
    case .network(let fitted): return shape(of: fitted.network)
    }
  }

  /// What scores and contributions are in.
  package func scoreUnit(head: Int) -> String {
    if case .trees(let booster) = content {
      switch booster.objective.loss {
      case .binary: return "log-odds"
      case .poisson, .tweedie: return "logarithm of the label's unit"
      case .squared, .absolute, .quantile: return "the label's unit"
      }
    }
    return origin?.heads[head].objective == .binary ? "log-odds" : "the label's unit"
  }

  private func shape(of network: RecurrentNet) -> String {
    let shape = network.shape
    var parts = [
      "\(shape.layerCount) layer\(shape.layerCount > 1 ? "s" : "") of \(shape.hiddenCount) units"
        + (shape.isBidirectional ? " in each direction" : ""), "decay \(shape.decay.rawValue)",
    ]
    if shape.timeEncodingCount > 0 { parts.append("\(shape.timeEncodingCount) time waves") }
    if shape.meanDecayCount > 0 { parts.append("mean decay") }
    parts.append("\(shape.attention.rawValue) attention")
    if shape.normalisesLayers { parts.append("layer norm") }
    return parts.joined(separator: ", ") + "; \(network.parameters.count) weights"
  }
}
