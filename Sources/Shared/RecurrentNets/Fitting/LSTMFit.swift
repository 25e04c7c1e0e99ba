// SPDX-License-Identifier: Apache-2.0

/// A fitted net and how it came to be.
package struct LSTMFit: Sendable {
  /// With the weights after epoch `bestEpoch`.
  package let network: RecurrentNet
  /// Mean loss of each epoch's mini-batches, taken during training: with dropout, and before the step of each batch.
  /// Log loss, or squared error in the label's unit squared.
  package let trainLoss: [Double]
  /// Mean loss of the validation rows after each epoch; empty without them.
  package let validLoss: [Double]
  /// Index, from 0, of the epoch with the smallest validation loss; of the last epoch without validation rows.
  package let bestEpoch: Int
}
