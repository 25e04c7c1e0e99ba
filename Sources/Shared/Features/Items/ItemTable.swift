// SPDX-License-Identifier: Apache-2.0

/// From an ITEMID to a place in a list, without hashing: MIMIC's item numbers end at 228,645.
struct ItemTable: Sendable {
  private let places: [Int16]

  /// - Parameter items: (item number, place); each item number once.
  init(_ items: [(itemID: Int, place: Int)]) {
    let count = (items.map(\.itemID).max() ?? -1) + 1
    var places = [Int16](repeating: -1, count: count)
    for item in items { places[item.itemID] = Int16(item.place) }
    self.places = places
  }

  @inline(__always)
  func place(of itemID: Int64) -> Int? {
    guard itemID >= 0, itemID < Int64(places.count) else { return nil }
    let place = places[Int(itemID)]
    return place < 0 ? nil : Int(place)
  }
}

/// OUTPUTEVENTS items that are urine, in ml.
///
/// - Source: MIMIC Code Repository, urine output concept (Johnson et al. 2018, doi 10.1093/jamia/ocx084).
enum UrineItem {
  static let all = [
    40055, 43175, 40069, 40094, 40715, 40473, 40085, 40057, 40056, 40405, 40428, 40086, 40096, 40651,
    226559, 226560, 226561, 226584, 226563, 226564, 226565, 226567, 226557, 226558, 227489,
  ]
  /// Irrigant that went in: it comes out again among the urine, and is taken off.
  static let irrigantIn = 227488
}
