// SPDX-License-Identifier: Apache-2.0

import Hyperparameters

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Inside the extension `log` is the case of that name.
private func logarithm(_ x: Double) -> Double { log(x) }

extension LSTMOptions.Decay {
  /// 1 − g(Δ): the share of the short-term memory that is gone after Δ hours.
  ///
  /// - Source: Baytas et al. 2017, section 3.2; with g(Δ) = 1/log(e + Δ) for long and 1/(1 + Δ) for short gaps.
  func fading(hours: Double) -> Double {
    switch self {
    case .none: 0
    case .log: 1 - 1 / logarithm(M_E + hours)
    case .inverse: hours / (1 + hours)
    }
  }
}

/// 1 − g(Δ) of every row and step, [N, T]; empty for a plain LSTM.
func fadings(_ elapsed: [Float], _ decay: LSTMOptions.Decay) -> [Float] {
  decay == .none ? [] : elapsed.map { Float(decay.fading(hours: Double($0))) }
}
