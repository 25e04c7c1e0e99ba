// SPDX-License-Identifier: Apache-2.0

package import Boosters
package import LinearModels
package import RecurrentNets
package import Sweeps

/// A fitted model as its file holds it. It predicts to the bits that it predicted when it was fitted.
package struct FinishedModel: Sendable {
  package enum Content: Sendable {
    case trees(Booster)
    case network(FittedNetwork)
    case line(FittedLine)
  }

  package let path: String
  /// SHA-256 of the file.
  package let digest: ContentDigest
  package let byteCount: Int
  /// nil of a LightGBM text without our line: trees of LightGBM's own, or of a version before it.
  package let origin: ModelOrigin?
  package let content: Content

  /// What it is named by in messages and tables.
  package var learnerName: String {
    switch content {
    case .trees: "booster"
    case .network: "lstm"
    case .line: "linear"
    }
  }
}

/// A network with what prepares its inputs and what its dropout was.
package struct FittedNetwork: Sendable {
  package let network: RecurrentNet
  package let preparation: SequencePreparation
  package let dropout: Double
  package let variationalDropout: Double
}

/// A linear model with what prepares its inputs.
package struct FittedLine: Sendable {
  package let fit: LinearFit
  package let scaling: ColumnScaling
}
