// SPDX-License-Identifier: Apache-2.0

/// One of the 25 conditions that the phenotyping task of mimic3-benchmarks tells apart.
///
/// - Source: Clinical Classifications Software for ICD-9-CM, single level, edition of 2015 (Agency for Healthcare Research
///   and Quality); the choice of 25 is that of Harutyunyan et al. 2019, table 3.
struct Phenotype: Hashable, Sendable {
  /// The category's name, which is also the benchmark's column.
  let name: String
  let isAcute: Bool
  /// Beginnings of ICD-9-CM codes without the dot, shortest that no code of another category shares; one that ends in $
  /// is a whole code.
  private let prefixes: [String]

  private init(_ name: String, isAcute: Bool, _ prefixes: String) {
    self.name = name
    self.isAcute = isAcute
    self.prefixes = prefixes.split(separator: " ").map(String.init)
  }

  func contains(code: String) -> Bool {
    prefixes.contains { prefix in
      prefix.last == "$" ? code == prefix.dropLast() : code.hasPrefix(prefix)
    }
  }

  /// Lower-case words joined by underscores, for names of folders and settings.
  var slug: String {
    let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    return words.joined(separator: "_")
  }

  /// Ascending by name, the order of the benchmark's list files.
  static let all: [Phenotype] = [
    Phenotype(
      "Acute and unspecified renal failure", isAcute: true,
      "584 586"),
    Phenotype(
      "Acute cerebrovascular disease", isAcute: true,
      "3466 430 431 432 43301 43311 43321 43331 43381 43391 434 436"),
    Phenotype(
      "Acute myocardial infarction", isAcute: true,
      "410"),
    Phenotype(
      "Cardiac dysrhythmias", isAcute: false,
      "4270 4271 4272 4273 4276 4278 4279 7850 7851"),
    Phenotype(
      "Chronic kidney disease", isAcute: false,
      "585 7925 V420 V451 V56"),
    Phenotype(
      "Chronic obstructive pulmonary disease and bronchiectasis", isAcute: false,
      "490 491 492 494 496"),
    Phenotype(
      "Complications of surgical procedures or medical care", isAcute: true,
      "27661 27783 27788 2853 28741 3490 3491 34931 41511 4294 4582 5121 5122 5187 5190 "
        + "53086 53087 5364 539 5642 5643 5644 5696$ 56962 5697 5793 59681 78062 78063 78066 "
        + "9093 99524 9954 99586 997 998 9990 9991 9992 9993$ 99934 99939 9994 9995 9996 9997 "
        + "9998 9999 V1553 V1580 V1583 V900"),
    Phenotype(
      "Conduction disorders", isAcute: false,
      "426 V450 V533"),
    Phenotype(
      "Congestive heart failure; nonhypertensive", isAcute: true,
      "39891 428"),
    Phenotype(
      "Coronary atherosclerosis and other heart disease", isAcute: false,
      "411 412 413 4140$ 41400 41401 41406 4142 4143 4144 4148 4149 V4581 V4582"),
    Phenotype(
      "Diabetes mellitus with complications", isAcute: false,
      "24901 2491 2492 2493 2494 2495 2496 2497 2498 2499 25002 25003 2501 2502 2503 2504 "
        + "2505 2506 2507 2508 2509"),
    Phenotype(
      "Diabetes mellitus without complication", isAcute: false,
      "24900 25000 25001 7902 7915 7916 V4585 V5391 V6546"),
    Phenotype(
      "Disorders of lipid metabolism", isAcute: false,
      "2720 2721 2722 2723 2724"),
    Phenotype(
      "Essential hypertension", isAcute: false,
      "4011 4019"),
    Phenotype(
      "Fluid and electrolyte disorders", isAcute: true,
      "2760 2761 2762 2763 2764 2765 2766$ 27669 2767 2768 2769 9951"),
    Phenotype(
      "Gastrointestinal hemorrhage", isAcute: true,
      "4560 45620 5307 53082 5310 5312 5314 5316 5320 5322 5324 5326 5330 5332 5334 5336 "
        + "5340 5342 5344 5346 5693 578"),
    Phenotype(
      "Hypertension with complications and secondary hypertension", isAcute: false,
      "4010 402 403 404 405 4372"),
    Phenotype(
      "Other liver diseases", isAcute: true,
      "570 5715 5716 5718 5719 572 5730 5734 5735 5738 5739 7824 7891 7895$ 78959 7904 7905 "
        + "7948 V427"),
    Phenotype(
      "Other lower respiratory disease", isAcute: true,
      "5131 514 515 516 5172 5178 5183 5184 51889 5194 5198 5199 7825 7860 7862 7863 7864 "
        + "78652 7866 7867 7868 7869 7931 7942 V126 V426"),
    Phenotype(
      "Other upper respiratory disease", isAcute: true,
      "470 471 472 476 4770 4772 4778 4779 478 5191 5192 5193 7841 7844 7847 7848 7849$ "
        + "78499 7861 V414 V440 V550"),
    Phenotype(
      "Pleurisy; pneumothorax; pulmonary collapse", isAcute: true,
      "510 5110 5111 5118$ 51189 5119 5120 5128 5180 5181 5182"),
    Phenotype(
      "Pneumonia (except that caused by tuberculosis or sexually transmitted disease)", isAcute: true,
      "00322 0203 0204 0205 0212 0221 0310 0391 0521 0551 0730 0830 1124 1140 1144 1145 "
        + "11505 11515 11595 1304 1363 480 481 482 483 484 485 486 5130 5171"),
    Phenotype(
      "Respiratory failure; insufficiency; arrest (adult)", isAcute: true,
      "5173 5185 51881 51882 51883 51884 7991 V461 V462"),
    Phenotype(
      "Septicemia (except in labor)", isAcute: true,
      "0031 0202 0223 0362 038 0545 449 77181 7907 99591 99592"),
    Phenotype(
      "Shock", isAcute: true,
      "7855"),
  ]
}
