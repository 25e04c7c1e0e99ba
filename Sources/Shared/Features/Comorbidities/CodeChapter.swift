// SPDX-License-Identifier: Apache-2.0

/// The chapters of ICD-9-CM's diagnoses, and its two supplements.
package enum CodeChapter {
  struct Chapter: Sendable {
    let name: String
    /// Of the first three digits.
    let categories: ClosedRange<Int>
  }

  static let numbered: [Chapter] = [
    Chapter(name: "infectious", categories: 1...139), Chapter(name: "neoplasms", categories: 140...239),
    Chapter(name: "endocrine", categories: 240...279), Chapter(name: "blood", categories: 280...289),
    Chapter(name: "mental", categories: 290...319), Chapter(name: "nervous", categories: 320...389),
    Chapter(name: "circulatory", categories: 390...459), Chapter(name: "respiratory", categories: 460...519),
    Chapter(name: "digestive", categories: 520...579), Chapter(name: "genitourinary", categories: 580...629),
    Chapter(name: "pregnancy", categories: 630...679), Chapter(name: "skin", categories: 680...709),
    Chapter(name: "musculoskeletal", categories: 710...739), Chapter(name: "congenital", categories: 740...759),
    Chapter(name: "perinatal", categories: 760...779), Chapter(name: "symptoms", categories: 780...799),
    Chapter(name: "injury", categories: 800...999),
  ]

  package static let names = numbered.map(\.name) + ["external_causes", "supplementary"]

  /// Index into `names`; nil for what is no code.
  package static func index(of code: String) -> Int? {
    switch code.utf8.first {
    case UInt8(ascii: "E"): return numbered.count
    case UInt8(ascii: "V"): return numbered.count + 1
    default:
      guard code.utf8.count >= 3, let category = Int(code.prefix(3)) else { return nil }
      return numbered.firstIndex { $0.categories.contains(category) }
    }
  }
}
