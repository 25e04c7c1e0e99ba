// SPDX-License-Identifier: Apache-2.0

/// One of the 31 Elixhauser conditions.
///
/// - Source: Elixhauser et al. 1998; ICD-9-CM codes of Quan et al. 2005, table 2 ("enhanced"); weights of van Walraven et
///   al. 2009, "A modification of the Elixhauser comorbidity measures into a point system for hospital death", table 2.
package struct ElixhauserCondition: Hashable, Sendable {
  package let name: String
  package let weight: Int
  /// Beginnings of codes without the dot; "4254-4259" stands for all between.
  private let ranges: [(from: String, to: String)]

  package static func == (left: Self, right: Self) -> Bool { left.name == right.name }

  package func hash(into hasher: inout Hasher) { hasher.combine(name) }

  private init(_ name: String, _ weight: Int, _ codes: String) {
    self.name = name
    self.weight = weight
    ranges = codes.split(separator: " ").map { range in
      let ends = range.split(separator: "-").map(String.init)
      return (ends[0], ends[ends.count - 1])
    }
  }

  package func contains(code: String) -> Bool {
    ranges.contains { range in
      guard code.utf8.count >= range.from.utf8.count else { return false }
      let prefix = String(code.prefix(range.from.count))
      return prefix >= range.from && prefix <= range.to
    }
  }

  package static let all: [ElixhauserCondition] = [
    .init(
      "heart_failure", 7, "39891 40201 40211 40291 40401 40403 40411 40413 40491 40493 4254-4259 428"),
    .init(
      "arrhythmia", 5, "4260 42610 42612 42613 4267 4269 4270-4274 4276-4279 7850 99601 99604 V450 V533"),
    .init("valvular", -1, "0932 394-397 424 7463-7466 V422 V433"),
    .init("pulmonary_circulation", 4, "4150 4151 416 4170 4178 4179"),
    .init("peripheral_vascular", 2, "0930 4373 440 441 4431-4439 4471 5571 5579 V434"),
    .init("hypertension", 0, "401"),
    .init("hypertension_complicated", 0, "402-405"),
    .init("paralysis", 7, "3341 342 343 3440-3446 3449"),
    .init(
      "neurological", 6, "3319 3320 3321 3334 3335 33392 334 335 3362 340 341 345 3481 3483 7803 7843"),
    .init("chronic_pulmonary", 3, "4168 4169 490-505 5064 5081 5088"),
    .init("diabetes", 0, "2500-2503"),
    .init("diabetes_complicated", 0, "2504-2509"),
    .init("hypothyroidism", 0, "2409 243 244 2461 2468"),
    .init(
      "renal_failure", 5, "40301 40311 40391 40402 40403 40412 40413 40492 40493 585 586 5880 V420 V451 V56"),
    .init(
      "liver", 11,
      "07022 07023 07032 07033 07044 07054 0706 0709 4560-4562 570 571 5722-5728 5733 5734 5738 5739 V427"),
    .init("peptic_ulcer", 0, "5317 5319 5327 5329 5337 5339 5347 5349"),
    .init("hiv", 0, "042-044"),
    .init("lymphoma", 9, "200-202 2030 2386"),
    .init("metastasis", 12, "196-199"),
    .init("solid_tumour", 4, "140-172 174-195"),
    .init(
      "rheumatoid", 0, "446 7010 7100-7104 7108 7109 7112 714 7193 720 725 7285 72889 72930"),
    .init("coagulopathy", 3, "286 2871 2873-2875"),
    .init("obesity", -4, "2780"),
    .init("weight_loss", 6, "260-263 7832 7994"),
    .init("fluid_electrolyte", 5, "2536 276"),
    .init("blood_loss_anaemia", -2, "2800"),
    .init("deficiency_anaemia", -2, "2801-2809 281"),
    .init(
      "alcohol", 0, "2652 2911-2913 2915-2919 3030 3039 3050 3575 4255 5353 5710-5713 980 V113"),
    .init("drugs", -7, "292 304 3052-3059 V6542"),
    .init("psychosis", 0, "2938 295 29604 29614 29644 29654 297 298"),
    .init("depression", -3, "2962 2963 2965 3004 309 311"),
  ]

  /// Bit i is set where `all[i]` contains the code.
  static func bits(of code: String) -> UInt32 {
    all.enumerated().reduce(0) { $1.element.contains(code: code) ? $0 | 1 << UInt32($1.offset) : $0 }
  }

  /// - Parameter bits: as above, of all codes together.
  static func score(_ bits: UInt32) -> Int {
    all.enumerated().reduce(0) { bits >> UInt32($1.offset) & 1 == 1 ? $0 + $1.element.weight : $0 }
  }
}
