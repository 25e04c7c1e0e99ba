// SPDX-License-Identifier: Apache-2.0

/// What the `place` of an `EventRecord` of kind `.care` says: a row about a treatment, as MIMIC-Extract's frame `interventions`
/// and its columns of code status need it.
enum CareMark {
  /// A setting of the ventilator was charted.
  static let ventilator = 0
  /// Oxygen by a device: the end of mechanical ventilation.
  static let oxygen = 1
  /// Oxygen by a device, or a flow of it.
  static let oxygenOrFlow = 2
  static let extubation = 3
  static let colloidBolus = 4
  static let crystalloidBolus = 5
  static let fullCode = 6
  /// Do not resuscitate.
  static let noResuscitation = 7
  static let comfortOnly = 8
  /// A code status other than these three.
  static let otherCode = 9
  /// MetaVision, with the place of the drug added: given from `time` to `value` (seconds).
  static let infusion = 100
  /// CareVue, with the place of the drug added: a rate in `value`, NaN where there was none.
  static let rate = 200
  /// The same, of a row that stops it.
  static let stop = 300
}

/// A drug that has a column in `interventions`, by its items.
///
/// - Source: MIMIC Code Repository, concepts of durations (Johnson et al. 2018, doi 10.1093/jamia/ocx084).
struct CareDrug {
  let name: String
  let careVueItems: [Int]
  let metaVisionItems: [Int]
  /// Whether the column `vaso` counts it.
  let isVasopressor: Bool

  static let all = [
    CareDrug(name: "adenosine", careVueItems: [], metaVisionItems: [221_282], isVasopressor: false),
    CareDrug(name: "dobutamine", careVueItems: [30_042, 30_306], metaVisionItems: [221_653], isVasopressor: true),
    CareDrug(name: "dopamine", careVueItems: [30_043, 30_307], metaVisionItems: [221_662], isVasopressor: true),
    CareDrug(
      name: "epinephrine", careVueItems: [30_044, 30_119, 30_309], metaVisionItems: [221_289], isVasopressor: true),
    CareDrug(name: "isuprel", careVueItems: [30_046], metaVisionItems: [227_692], isVasopressor: false),
    CareDrug(name: "milrinone", careVueItems: [30_125], metaVisionItems: [221_986], isVasopressor: true),
    CareDrug(name: "norepinephrine", careVueItems: [30_047, 30_120], metaVisionItems: [221_906], isVasopressor: true),
    CareDrug(name: "phenylephrine", careVueItems: [30_127, 30_128], metaVisionItems: [221_749], isVasopressor: true),
    CareDrug(
      name: "vasopressin", careVueItems: [30_051] + CareItem.vasopressinWithoutRate, metaVisionItems: [222_315],
      isVasopressor: true),
  ]
  /// CareVue keeps adenosine in CHARTEVENTS.
  static let chartedAdenosine = 4_649
}

/// Items of the other treatments.
///
/// - Source: MIMIC Code Repository, concepts of ventilation, code status and boluses.
enum CareItem {
  static let ventilatorSettings = [
    445, 448, 449, 450, 1_340, 1_486, 1_600, 224_687, 639, 654, 681, 682, 683, 684, 224_685, 224_684, 224_686, 218, 436,
    535, 444, 459, 224_697, 224_695, 224_696, 224_746, 224_747, 221, 1, 1_211, 1_655, 2_000, 226_873, 224_738, 224_419,
    224_750, 227_187, 543, 5_865, 5_866, 224_707, 224_709, 224_705, 224_706, 60, 437, 505, 506, 686, 220_339, 224_700,
    3_459, 501, 502, 503, 224_702, 223, 667, 668, 669, 670, 671, 672, 224_701, 223_849,
  ]
  /// A setting unless the text says "Other …".
  static let ventilatorTypes = [720, 223_848]
  static let oxygenDevices = [467, 226_732]
  static let otherOxygenDevices = [468, 469]
  static let oxygenFlows = [470, 471, 227_287, 223_834]
  static let chartedExtubation = 640
  static let codeStatus = [128, 223_758]
  static let chartedColloids = [2_510, 3_087, 3_088, 6_937]
  /// Of PROCEDUREEVENTS_MV.
  static let extubations: Set<Int64> = [227_194, 225_468, 225_477]
  /// CareVue wrote their rate into AMOUNT.
  static let vasopressinWithoutRate = [42_273, 42_802]

  static let careVueColloids = [
    30_008, 30_009, 42_832, 40_548, 45_403, 44_203, 30_181, 46_564, 43_237, 43_353, 30_012, 46_313, 42_975, 42_944,
    46_336, 46_729, 40_033, 45_410, 30_011, 30_016, 42_731,
  ]
  static let metaVisionColloids = [220_864, 220_862, 225_174, 225_795, 225_796]
  static let careVueCrystalloids = [
    30_018, 30_021, 30_058, 40_850, 41_491, 42_639, 30_065, 42_187, 43_819, 30_063, 41_430, 40_712, 44_160, 42_383,
    30_169, 42_297, 42_453, 40_872, 41_915, 41_490, 46_501, 45_045, 41_984, 41_371, 41_582, 41_322, 40_778, 41_896,
    41_428, 43_936, 44_200, 41_619, 40_424, 41_457, 41_581, 42_844, 42_429, 41_356, 40_532, 42_548, 44_184, 44_521,
    44_741, 44_126, 44_110, 44_633, 44_983, 44_815, 43_986, 45_079, 46_781, 45_155, 43_909, 41_467, 44_367, 41_743,
    40_423, 44_263, 42_749, 45_480, 44_491, 41_695, 46_169, 41_580, 41_392, 45_989, 45_137, 45_154, 44_053, 41_416,
    44_761, 41_237, 44_426, 43_975, 44_894, 41_380, 42_671,
  ]
  static let metaVisionCrystalloids = [225_158, 225_828, 225_944, 225_797]

  /// In lower case, blanks at the ends cut. "None" (room air) is not among them, as it is in the published concept of
  /// non-invasive ventilation.
  static let oxygenTexts: Set<String> = [
    "cannula", "nasal cannula", "face tent", "aerosol-cool", "trach mask", "hi flow neb", "high flow neb",
    "non-rebreather", "venti mask", "medium conc mask", "vapotherm", "t-piece", "hood", "hut", "transtrachealcat",
    "heated neb", "ultrasonic neb", "high flow nasal cannula", "vapomist",
  ]
}
