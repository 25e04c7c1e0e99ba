// SPDX-License-Identifier: Apache-2.0

/// A trial with its losses, lower is better in each.
package struct FrontMember: Hashable, Sendable {
  package let row: Int
  package let losses: [Double]

  package init(row: Int, losses: [Double]) {
    self.row = row
    self.losses = losses.map { $0.isNaN ? .infinity : $0 }
  }

  /// No worse in any objective, better in one.
  package func dominates(_ other: FrontMember) -> Bool {
    var isBetter = false
    for (own, theirs) in zip(losses, other.losses) {
      if own > theirs { return false }
      if own < theirs { isBetter = true }
    }
    return isBetter
  }

  /// Front by front, the members of a front by falling crowding distance, equal ones by row. O(M·N²).
  package static func ranked(_ members: [FrontMember]) -> [FrontMember] {
    fronts(members).flatMap { front -> [FrontMember] in
      let distances = crowding(front)
      return front.indices.sorted {
        (-distances[$0], front[$0].row) < (-distances[$1], front[$1].row)
      }.map { front[$0] }
    }
  }

  /// The first front is dominated by none, the next by none but the first, and so on.
  package static func fronts(_ members: [FrontMember]) -> [[FrontMember]] {
    var dominators = members.map { member in members.count { $0.dominates(member) } }
    var left = Array(members.indices)
    var fronts: [[FrontMember]] = []
    while !left.isEmpty {
      let front = left.filter { dominators[$0] == 0 }
      for index in front { for other in left where members[index].dominates(members[other]) { dominators[other] -= 1 } }
      left.removeAll { front.contains($0) }
      fronts.append(front.map { members[$0] })
    }
    return fronts
  }

  /// Deb et al. 2002, section III-B: the sides of the box that a member has to itself, each relative to the front's span.
  private static func crowding(_ front: [FrontMember]) -> [Double] {
    var distances = Array(repeating: 0.0, count: front.count)
    for objective in 0..<(front.first?.losses.count ?? 0) {
      let order = front.indices.sorted {
        (front[$0].losses[objective], front[$0].row) < (front[$1].losses[objective], front[$1].row)
      }
      guard let first = order.first, let last = order.last else { continue }
      let span = front[last].losses[objective] - front[first].losses[objective]
      distances[first] = .infinity
      distances[last] = .infinity
      guard span > 0, span.isFinite, order.count > 2 else { continue }
      for position in 1..<(order.count - 1) {
        distances[order[position]] +=
          (front[order[position + 1]].losses[objective] - front[order[position - 1]].losses[objective]) / span
      }
    }
    return distances
  }
}
