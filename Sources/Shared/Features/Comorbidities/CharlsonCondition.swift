// SPDX-License-Identifier: Apache-2.0

/// The 17 conditions of the Charlson index.
package enum CharlsonCondition: Int, CaseIterable, Hashable, Sendable {
  case myocardialInfarction
  case heartFailure
  case peripheralVascular
  case cerebrovascular
  case dementia
  case chronicPulmonary
  case rheumatic
  case pepticUlcer
  case liverMild
  case diabetes
  case diabetesComplicated
  case paraplegia
  case renal
  case malignancy
  case liverSevere
  case metastasis
  case hiv

  var name: String {
    switch self {
    case .myocardialInfarction: "myocardial_infarction"
    case .heartFailure: "heart_failure"
    case .peripheralVascular: "peripheral_vascular"
    case .cerebrovascular: "cerebrovascular"
    case .dementia: "dementia"
    case .chronicPulmonary: "chronic_pulmonary"
    case .rheumatic: "rheumatic"
    case .pepticUlcer: "peptic_ulcer"
    case .liverMild: "liver_mild"
    case .diabetes: "diabetes"
    case .diabetesComplicated: "diabetes_complicated"
    case .paraplegia: "paraplegia"
    case .renal: "renal"
    case .malignancy: "malignancy"
    case .liverSevere: "liver_severe"
    case .metastasis: "metastasis"
    case .hiv: "hiv"
    }
  }

  /// - Source: Charlson et al. 1987, "A new method of classifying prognostic comorbidity", table 3.
  package var weight: Int {
    switch self {
    case .diabetesComplicated, .paraplegia, .renal, .malignancy: 2
    case .liverSevere: 3
    case .metastasis, .hiv: 6
    default: 1
    }
  }

  /// - Source: van Walraven et al. 2010, CMAJ 182(6), the LACE index, whose comorbidity weights are of their own.
  var laceWeight: Int {
    switch self {
    case .myocardialInfarction, .cerebrovascular, .peripheralVascular, .diabetes: 1
    case .heartFailure, .diabetesComplicated, .chronicPulmonary, .liverMild, .renal, .malignancy: 2
    case .dementia, .rheumatic: 3
    case .liverSevere, .hiv: 4
    case .metastasis: 6
    case .pepticUlcer, .paraplegia: 0
    }
  }

  /// Ranges of ICD-9-CM codes without the dot; both ends are prefixes of one length and included.
  ///
  /// - Source: Quan et al. 2005, "Coding algorithms for defining comorbidities in ICD-9-CM and ICD-10 administrative
  ///   data", table 1, column "Enhanced ICD-9-CM".
  var codes: [(from: String, to: String)] {
    switch self {
    case .myocardialInfarction: [("410", "410"), ("412", "412")]
    case .heartFailure:
      [
        ("39891", "39891"), ("40201", "40201"), ("40211", "40211"), ("40291", "40291"), ("40401", "40401"),
        ("40403", "40403"), ("40411", "40411"), ("40413", "40413"), ("40491", "40491"), ("40493", "40493"),
        ("4254", "4259"), ("428", "428"),
      ]
    case .peripheralVascular:
      [
        ("0930", "0930"), ("4373", "4373"), ("440", "441"), ("4431", "4439"), ("4471", "4471"), ("5571", "5571"),
        ("5579", "5579"), ("V434", "V434"),
      ]
    case .cerebrovascular: [("36234", "36234"), ("430", "438")]
    case .dementia: [("290", "290"), ("2941", "2941"), ("3312", "3312")]
    case .chronicPulmonary: [("4168", "4169"), ("490", "505"), ("5064", "5064"), ("5081", "5081"), ("5088", "5088")]
    case .rheumatic:
      [("4465", "4465"), ("7100", "7104"), ("7140", "7142"), ("7148", "7148"), ("725", "725")]
    case .pepticUlcer: [("531", "534")]
    case .liverMild:
      [
        ("07022", "07023"), ("07032", "07033"), ("07044", "07044"), ("07054", "07054"), ("0706", "0706"),
        ("0709", "0709"), ("570", "571"), ("5733", "5734"), ("5738", "5739"), ("V427", "V427"),
      ]
    case .diabetes: [("2500", "2503"), ("2508", "2509")]
    case .diabetesComplicated: [("2504", "2507")]
    case .paraplegia: [("3341", "3341"), ("342", "343"), ("3440", "3446"), ("3449", "3449")]
    case .renal:
      [
        ("40301", "40301"), ("40311", "40311"), ("40391", "40391"), ("40402", "40403"), ("40412", "40413"),
        ("40492", "40493"), ("582", "582"), ("5830", "5837"), ("585", "586"), ("5880", "5880"), ("V420", "V420"),
        ("V451", "V451"), ("V56", "V56"),
      ]
    case .malignancy: [("140", "172"), ("174", "195"), ("200", "208"), ("2386", "2386")]
    case .liverSevere: [("4560", "4562"), ("5722", "5728")]
    case .metastasis: [("196", "199")]
    case .hiv: [("042", "044")]
    }
  }
}
