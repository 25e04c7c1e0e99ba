// SPDX-License-Identifier: Apache-2.0

/// What is done about a rare class among the rows that a fold trains on; held-out and inner validation rows stay as they are.
package enum Balancing: String, CaseIterable, Hashable, Sendable {
  case none
  case classWeights = "class-weights"
  case undersample
  case oversample
  /// Synthetic rows between neighbours of the rare class (Chawla et al. 2002): for tables.
  case smote
}

/// Options of `Balancing`, which every learner takes beside its own.
package struct BalancingOptions: Hashable, Sendable {
  package var balancing: Balancing
  /// Rows of the rare class a row of the other that are aimed at; rows that have more already stay as they are.
  package var ratio: Double
  package var neighbourCount: Int

  package init(_ parameters: Parameters, of learner: Learner) throws(ParameterError) {
    let given = try learner.resolve(parameters)
    balancing = given.choice("imbalance")
    ratio = given.real("imbalance_ratio")
    neighbourCount = learner.isTabular ? given.integer("smote_neighbours") : 0
  }

  static func specifications(isTabular: Bool) -> [ParameterSpecification] {
    let kinds = Balancing.allCases.filter { isTabular || $0 != .smote }
    let common: [ParameterSpecification] = [
      .init(
        "imbalance", .choice(kinds.map(\.rawValue)), default: .text(Balancing.none.rawValue),
        "What is done about a rare class, among the training fold's own rows alone; for labels 0 and 1."),
      .init(
        "imbalance_ratio", .real(0.001...1), default: .real(1),
        "Rows, or weight, of the rare class a row of the other that `imbalance` aims at."),
    ]
    guard isTabular else { return common }
    return common + [
      .init(
        "smote_neighbours", .integer(1...100), default: .integer(5), unit: "rows",
        "For `imbalance: smote`: nearest rows of the rare class, one of which a synthetic row leans to.")
    ]
  }
}

extension Learner {
  /// Whether it reads a row's table, and not its sequence.
  package var isTabular: Bool {
    switch self {
    case .booster, .linear: true
    case .lstm: false
    }
  }
}
