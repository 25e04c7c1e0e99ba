// SPDX-License-Identifier: Apache-2.0

/// The name of `names` that was most likely meant: least edits (insert, delete, replace), the earlier on a tie; nil where
/// more than a third of the letters would have to change.
///
/// - Source: Wagner & Fischer 1974, "The String-to-String Correction Problem".
func nearestName(to wanted: String, among names: [String]) -> String? {
  let scored = names.map { (name: $0, distance: editDistance(wanted, $0)) }
  guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
  return best.distance <= max(1, wanted.utf8.count / 3) ? best.name : nil
}

private func editDistance(_ left: String, _ right: String) -> Int {
  let a = Array(left.utf8)
  let b = Array(right.utf8)
  var previous = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var current = [i + 1]
    for (j, y) in b.enumerated() {
      current.append(min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
    }
    previous = current
  }
  return previous[b.count]
}
