// SPDX-License-Identifier: Apache-2.0

/// The tables of MIMIC-III v1.4, with their columns in the order PhysioNet ships them. The full set has its headers in
/// upper case, the open demo in lower case: names are compared without case.
///
/// - Source: https://mimic.mit.edu/docs/iii/tables/
package enum MIMICTable: String, CaseIterable, Hashable, Sendable {
  case admissions = "ADMISSIONS"
  case callout = "CALLOUT"
  case caregivers = "CAREGIVERS"
  case chartevents = "CHARTEVENTS"
  case cptevents = "CPTEVENTS"
  case datetimeevents = "DATETIMEEVENTS"
  case diagnosesIcd = "DIAGNOSES_ICD"
  case drgcodes = "DRGCODES"
  case dCpt = "D_CPT"
  case dIcdDiagnoses = "D_ICD_DIAGNOSES"
  case dIcdProcedures = "D_ICD_PROCEDURES"
  case dItems = "D_ITEMS"
  case dLabitems = "D_LABITEMS"
  case icustays = "ICUSTAYS"
  case inputeventsCv = "INPUTEVENTS_CV"
  case inputeventsMv = "INPUTEVENTS_MV"
  case labevents = "LABEVENTS"
  case microbiologyevents = "MICROBIOLOGYEVENTS"
  case noteevents = "NOTEEVENTS"
  case outputevents = "OUTPUTEVENTS"
  case patients = "PATIENTS"
  case prescriptions = "PRESCRIPTIONS"
  case procedureeventsMv = "PROCEDUREEVENTS_MV"
  case proceduresIcd = "PROCEDURES_ICD"
  case services = "SERVICES"
  case transfers = "TRANSFERS"

  /// Upper-case column names.
  package var columns: [String] {
    switch self {
    case .admissions:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ADMITTIME", "DISCHTIME", "DEATHTIME", "ADMISSION_TYPE",
        "ADMISSION_LOCATION", "DISCHARGE_LOCATION", "INSURANCE", "LANGUAGE", "RELIGION", "MARITAL_STATUS",
        "ETHNICITY", "EDREGTIME", "EDOUTTIME", "DIAGNOSIS", "HOSPITAL_EXPIRE_FLAG", "HAS_CHARTEVENTS_DATA",
      ]
    case .callout:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "SUBMIT_WARDID", "SUBMIT_CAREUNIT", "CURR_WARDID", "CURR_CAREUNIT",
        "CALLOUT_WARDID", "CALLOUT_SERVICE", "REQUEST_TELE", "REQUEST_RESP", "REQUEST_CDIFF", "REQUEST_MRSA",
        "REQUEST_VRE", "CALLOUT_STATUS", "CALLOUT_OUTCOME", "DISCHARGE_WARDID", "ACKNOWLEDGE_STATUS", "CREATETIME",
        "UPDATETIME", "ACKNOWLEDGETIME", "OUTCOMETIME", "FIRSTRESERVATIONTIME", "CURRENTRESERVATIONTIME",
      ]
    case .caregivers:
      [
        "ROW_ID", "CGID", "LABEL", "DESCRIPTION",
      ]
    case .chartevents:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ICUSTAY_ID", "ITEMID", "CHARTTIME", "STORETIME", "CGID", "VALUE",
        "VALUENUM", "VALUEUOM", "WARNING", "ERROR", "RESULTSTATUS", "STOPPED",
      ]
    case .cptevents:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "COSTCENTER", "CHARTDATE", "CPT_CD", "CPT_NUMBER", "CPT_SUFFIX",
        "TICKET_ID_SEQ", "SECTIONHEADER", "SUBSECTIONHEADER", "DESCRIPTION",
      ]
    case .datetimeevents:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ICUSTAY_ID", "ITEMID", "CHARTTIME", "STORETIME", "CGID", "VALUE",
        "VALUEUOM", "WARNING", "ERROR", "RESULTSTATUS", "STOPPED",
      ]
    case .diagnosesIcd:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE",
      ]
    case .drgcodes:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "DRG_TYPE", "DRG_CODE", "DESCRIPTION", "DRG_SEVERITY", "DRG_MORTALITY",
      ]
    case .dCpt:
      [
        "ROW_ID", "CATEGORY", "SECTIONRANGE", "SECTIONHEADER", "SUBSECTIONRANGE", "SUBSECTIONHEADER", "CODESUFFIX",
        "MINCODEINSUBSECTION", "MAXCODEINSUBSECTION",
      ]
    case .dIcdDiagnoses:
      [
        "ROW_ID", "ICD9_CODE", "SHORT_TITLE", "LONG_TITLE",
      ]
    case .dIcdProcedures:
      [
        "ROW_ID", "ICD9_CODE", "SHORT_TITLE", "LONG_TITLE",
      ]
    case .dItems:
      [
        "ROW_ID", "ITEMID", "LABEL", "ABBREVIATION", "DBSOURCE", "LINKSTO", "CATEGORY", "UNITNAME", "PARAM_TYPE",
        "CONCEPTID",
      ]
    case .dLabitems:
      [
        "ROW_ID", "ITEMID", "LABEL", "FLUID", "CATEGORY", "LOINC_CODE",
      ]
    case .icustays:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ICUSTAY_ID", "DBSOURCE", "FIRST_CAREUNIT", "LAST_CAREUNIT",
        "FIRST_WARDID", "LAST_WARDID", "INTIME", "OUTTIME", "LOS",
      ]
    case .inputeventsCv:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ICUSTAY_ID", "CHARTTIME", "ITEMID", "AMOUNT", "AMOUNTUOM", "RATE",
        "RATEUOM", "STORETIME", "CGID", "ORDERID", "LINKORDERID", "STOPPED", "NEWBOTTLE", "ORIGINALAMOUNT",
        "ORIGINALAMOUNTUOM", "ORIGINALROUTE", "ORIGINALRATE", "ORIGINALRATEUOM", "ORIGINALSITE",
      ]
    case .inputeventsMv:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ICUSTAY_ID", "STARTTIME", "ENDTIME", "ITEMID", "AMOUNT", "AMOUNTUOM",
        "RATE", "RATEUOM", "STORETIME", "CGID", "ORDERID", "LINKORDERID", "ORDERCATEGORYNAME",
        "SECONDARYORDERCATEGORYNAME", "ORDERCOMPONENTTYPEDESCRIPTION", "ORDERCATEGORYDESCRIPTION", "PATIENTWEIGHT",
        "TOTALAMOUNT", "TOTALAMOUNTUOM", "ISOPENBAG", "CONTINUEINNEXTDEPT", "CANCELREASON", "STATUSDESCRIPTION",
        "COMMENTS_EDITEDBY", "COMMENTS_CANCELEDBY", "COMMENTS_DATE", "ORIGINALAMOUNT", "ORIGINALRATE",
      ]
    case .labevents:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ITEMID", "CHARTTIME", "VALUE", "VALUENUM", "VALUEUOM", "FLAG",
      ]
    case .microbiologyevents:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "CHARTDATE", "CHARTTIME", "SPEC_ITEMID", "SPEC_TYPE_DESC", "ORG_ITEMID",
        "ORG_NAME", "ISOLATE_NUM", "AB_ITEMID", "AB_NAME", "DILUTION_TEXT", "DILUTION_COMPARISON", "DILUTION_VALUE",
        "INTERPRETATION",
      ]
    case .noteevents:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "CHARTDATE", "CHARTTIME", "STORETIME", "CATEGORY", "DESCRIPTION", "CGID",
        "ISERROR", "TEXT",
      ]
    case .outputevents:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ICUSTAY_ID", "CHARTTIME", "ITEMID", "VALUE", "VALUEUOM", "STORETIME",
        "CGID", "STOPPED", "NEWBOTTLE", "ISERROR",
      ]
    case .patients:
      [
        "ROW_ID", "SUBJECT_ID", "GENDER", "DOB", "DOD", "DOD_HOSP", "DOD_SSN", "EXPIRE_FLAG",
      ]
    case .prescriptions:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ICUSTAY_ID", "STARTDATE", "ENDDATE", "DRUG_TYPE", "DRUG",
        "DRUG_NAME_POE", "DRUG_NAME_GENERIC", "FORMULARY_DRUG_CD", "GSN", "NDC", "PROD_STRENGTH", "DOSE_VAL_RX",
        "DOSE_UNIT_RX", "FORM_VAL_DISP", "FORM_UNIT_DISP", "ROUTE",
      ]
    case .procedureeventsMv:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ICUSTAY_ID", "STARTTIME", "ENDTIME", "ITEMID", "VALUE", "VALUEUOM",
        "LOCATION", "LOCATIONCATEGORY", "STORETIME", "CGID", "ORDERID", "LINKORDERID", "ORDERCATEGORYNAME",
        "SECONDARYORDERCATEGORYNAME", "ORDERCATEGORYDESCRIPTION", "ISOPENBAG", "CONTINUEINNEXTDEPT", "CANCELREASON",
        "STATUSDESCRIPTION", "COMMENTS_EDITEDBY", "COMMENTS_CANCELEDBY", "COMMENTS_DATE",
      ]
    case .proceduresIcd:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE",
      ]
    case .services:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "TRANSFERTIME", "PREV_SERVICE", "CURR_SERVICE",
      ]
    case .transfers:
      [
        "ROW_ID", "SUBJECT_ID", "HADM_ID", "ICUSTAY_ID", "DBSOURCE", "EVENTTYPE", "PREV_CAREUNIT", "CURR_CAREUNIT",
        "PREV_WARDID", "CURR_WARDID", "INTIME", "OUTTIME", "LOS",
      ]
    }
  }
}
