// SPDX-License-Identifier: Apache-2.0

/// Classes of drugs, told from the name under which one was ordered. Coarse on purpose: presence, not dose.
enum DrugClass: Int, CaseIterable, Hashable, Sendable {
  case antibiotic
  case anticoagulant
  case antiplatelet
  case antiarrhythmic
  case betaBlocker
  case diuretic
  case insulin
  case opioid
  case sedative
  case antipsychotic
  case steroid
  case statin
  case immunosuppressant
  case vasopressor

  var name: String {
    switch self {
    case .betaBlocker: "beta_blocker"
    default: "\(self)"
    }
  }

  /// Lower case; any part of the drug's name. "heparin flush" and the like are told off in `DrugClasses`.
  var parts: [String] {
    switch self {
    case .antibiotic:
      [
        "cillin", "cef", "vancomycin", "floxacin", "meropenem", "imipenem", "aztreonam", "metronidazole", "mycin",
        "linezolid", "sulfameth", "doxycycline", "gentamicin", "amikacin",
      ]
    case .anticoagulant: ["heparin", "warfarin", "coumadin", "enoxaparin", "fondaparinux", "argatroban", "bivalirudin"]
    case .antiplatelet: ["aspirin", "clopidogrel", "plavix", "prasugrel", "ticagrelor", "eptifibatide"]
    case .antiarrhythmic: ["amiodarone", "digoxin", "diltiazem", "sotalol", "procainamide", "dofetilide"]
    case .betaBlocker: ["metoprolol", "atenolol", "carvedilol", "labetalol", "propranolol", "esmolol", "bisoprolol"]
    case .diuretic: ["furosemide", "lasix", "torsemide", "bumetanide", "thiazide", "metolazone", "spironolactone"]
    case .insulin: ["insulin", "humalog", "lantus"]
    case .opioid:
      ["morphine", "fentanyl", "hydromorphone", "oxycodone", "methadone", "codone", "meperidine", "codeine"]
    case .sedative: ["propofol", "midazolam", "lorazepam", "dexmedetomidine", "diazepam"]
    case .antipsychotic: ["haloperidol", "quetiapine", "olanzapine", "risperidone"]
    case .steroid: ["prednis", "dexamethasone", "hydrocortisone", "fludrocortisone"]
    case .statin: ["statin"]
    case .immunosuppressant: ["tacrolimus", "cyclosporin", "mycophenolate", "azathioprine", "sirolimus"]
    case .vasopressor: ["norepinephrine", "phenylephrine", "vasopressin", "dopamine", "epinephrine"]
    }
  }
}

/// The classes one drug belongs to.
struct DrugClasses: Hashable, Sendable {
  let bits: UInt32

  init(bits: UInt32) { self.bits = bits }

  init(drug: String) {
    let name = drug.lowercased()
    var bits: UInt32 = 0
    for drugClass in DrugClass.allCases where drugClass.parts.contains(where: name.contains) {
      bits |= 1 << UInt32(drugClass.rawValue)
    }
    // Lines are flushed in everyone; an antifungal shares the statins' ending.
    if name.contains("flush") { bits &= ~(1 << UInt32(DrugClass.anticoagulant.rawValue)) }
    if name.contains("nystatin") { bits &= ~(1 << UInt32(DrugClass.statin.rawValue)) }
    self.bits = bits
  }

  func contains(_ drugClass: DrugClass) -> Bool { bits & (1 << UInt32(drugClass.rawValue)) != 0 }
}
