// SPDX-License-Identifier: Apache-2.0

/// Area under the ROC curve: the chance that a positive is ranked above a negative, ties counting half.
///
///     (Σ ranks of positives − P(P + 1)/2) / (P·N), ranks from 1, ties their mean
///
/// NaN unless both classes are there. O(N log N).
/// - Source: Mann & Whitney 1947; Hanley & McNeil 1982.
package func auroc(_ predictions: [Float], _ labels: [Float]) -> Double {
  var rankSum = 0.0
  var rowsBelow = 0
  for tie in ties(predictions, labels).reversed() {
    let meanRank = Double(rowsBelow) + Double(tie.positives + tie.negatives + 1) / 2
    rankSum += meanRank * Double(tie.positives)
    rowsBelow += tie.positives + tie.negatives
  }
  let positives = Double(labels.count { $0 == 1 })
  let negatives = Double(labels.count) - positives
  guard positives > 0, negatives > 0 else { return .nan }
  return (rankSum - positives * (positives + 1) / 2) / (positives * negatives)
}

/// Average precision: Σ (recall_k − recall_{k−1}) · precision_k over distinct scores, descending; no interpolation.
///
/// NaN without a positive.
/// - Source: as scikit-learn's `average_precision_score`; Davis & Goadrich 2006 on why not to interpolate linearly.
package func averagePrecision(_ predictions: [Float], _ labels: [Float]) -> Double {
  let positives = labels.count { $0 == 1 }
  guard positives > 0 else { return .nan }
  var (found, seen, sum) = (0, 0, 0.0)
  for tie in ties(predictions, labels) {
    found += tie.positives
    seen += tie.positives + tie.negatives
    sum += Double(tie.positives) * (Double(found) / Double(seen))
  }
  return sum / Double(positives)
}

/// Rows of one score, from the highest score down.
private func ties(_ predictions: [Float], _ labels: [Float]) -> [(positives: Int, negatives: Int)] {
  let order = predictions.indices.sorted { (predictions[$1], $0) < (predictions[$0], $1) }
  var ties: [(positives: Int, negatives: Int)] = []
  var previous: Float?
  for row in order {
    if predictions[row] != previous { ties.append((0, 0)) }
    previous = predictions[row]
    if labels[row] == 1 { ties[ties.count - 1].positives += 1 } else { ties[ties.count - 1].negatives += 1 }
  }
  return ties
}
