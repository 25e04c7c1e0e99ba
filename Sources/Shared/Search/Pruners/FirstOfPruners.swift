// SPDX-License-Identifier: Apache-2.0

package import Sweeps

/// Several pruners; the first that says stop has its way.
package struct FirstOfPruners: Pruner {
  private let pruners: [any Pruner]

  package init(_ pruners: [any Pruner]) { self.pruners = pruners }

  package func verdict(on index: Int, in view: PruningView) -> PruningVerdict {
    for pruner in pruners {
      let verdict = pruner.verdict(on: index, in: view)
      if verdict != .keep { return verdict }
    }
    return .keep
  }

  package func stepRule(on index: Int, fold: Int, stepCount: Int, in view: PruningView) -> StepRule? {
    pruners.lazy.compactMap { $0.stepRule(on: index, fold: fold, stepCount: stepCount, in: view) }.first
  }
}
