// SPDX-License-Identifier: Apache-2.0

/// The one of `names` that `word` was probably meant to be; the first of equals. `nil` where none is near.
///
/// Near is an optimal-string-alignment distance of at most a third of the longer word (at least 1), or one name being the
/// tail of the other after a separator: `auroc` for `valid/auroc`.
func nearest(to word: String, of names: [String]) -> String? {
  let word = word.lowercased()
  if let tail = names.first(where: { $0.hasSuffix("/" + word) || $0.hasSuffix("_" + word) }) { return tail }
  var best: (name: String, distance: Int)?
  for name in names {
    let distance = alignmentDistance(word, name.lowercased())
    let isNear = distance <= max(1, max(word.count, name.count) / 3)
    if isNear, distance < best?.distance ?? .max { best = (name, distance) }
  }
  return best?.name
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
private func alignmentDistance(_ left: String, _ right: String) -> Int {
  let (left, right) = (Array(left), Array(right))
  var before: [Int] = []
  var previous = Array(0...right.count)
  for i in left.indices {
    var current = [i + 1]
    for j in right.indices {
      let substituted = previous[j] + (left[i] == right[j] ? 0 : 1)
      var distance = min(previous[j + 1] + 1, current[j] + 1, substituted)
      if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { distance = min(distance, before[j - 1] + 1) }
      current.append(distance)
    }
    (before, previous) = (previous, current)
  }
  return previous[right.count]
}
