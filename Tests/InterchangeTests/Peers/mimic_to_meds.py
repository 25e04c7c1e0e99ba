# SPDX-License-Identifier: Apache-2.0
"""Writes MIMIC-III tables as a MEDS data set with pandas, in the vocabulary of the published MIMIC conversion.

    python mimic_to_meds.py mimic-iii-demo meds-demo
"""
import json
import os
import sys

import numpy as np
import pandas as pd

tables, out = sys.argv[1], sys.argv[2]


def read(name):
    for end in (".csv.gz", ".csv"):
        path = f"{tables}/{name}{end}"
        if os.path.exists(path):
            table = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
            table.columns = table.columns.str.lower()
            return table.sort_values("row_id", key=lambda column: column.astype(int), kind="stable")
    raise SystemExit(f"{tables}: {name} is missing")


def text(column):
    return column.fillna("UNK").astype(str).str.strip()


def events(table, code, time, **more):
    found = pd.DataFrame({"subject_id": table["subject_id"].astype("int64")})
    found["time"] = pd.to_datetime(table[time] if isinstance(time, str) else time).astype("datetime64[us]")
    found["code"] = code
    for name, column in more.items():
        found[name] = column
    return found


patients, admissions, stays = read("PATIENTS"), read("ADMISSIONS"), read("ICUSTAYS")
charts, labs, outputs = read("CHARTEVENTS"), read("LABEVENTS"), read("OUTPUTEVENTS")
drugs, diagnoses, procedures = read("PRESCRIPTIONS"), read("DIAGNOSES_ICD"), read("PROCEDURES_ICD")
services, transfers = read("SERVICES"), read("TRANSFERS")

number = lambda column: pd.to_numeric(column, errors="coerce").astype("float32")
ended = admissions.set_index("hadm_id")["dischtime"]
never = pd.Series(np.nan, index=patients.index, dtype="object")
# The published conversion takes the moment of death from the admissions, where there is one.
moment = admissions.groupby("subject_id")["deathtime"].min()
death = patients["subject_id"].map(moment).fillna(patients["dod"])
died = patients.assign(death=death).dropna(subset=["death"])
known = transfers.dropna(subset=["intime"])
parts = [
    events(patients, "GENDER//" + patients["gender"], never),
    events(patients, "MEDS_BIRTH", "dob"),
    events(died, "MEDS_DEATH", "death"),
    events(
        admissions, "HOSPITAL_ADMISSION//" + text(admissions["admission_type"]) + "//"
        + text(admissions["admission_location"]), "admittime", hadm_id=admissions["hadm_id"],
        insurance=admissions["insurance"], language=admissions["language"],
        marital_status=admissions["marital_status"], race=admissions["ethnicity"]),
    events(
        admissions, "HOSPITAL_DISCHARGE//" + text(admissions["discharge_location"]), "dischtime",
        hadm_id=admissions["hadm_id"]),
    events(stays, "ICU_ADMISSION//" + stays["first_careunit"], "intime", hadm_id=stays["hadm_id"],
           icustay_id=stays["icustay_id"]),
    events(stays, "ICU_DISCHARGE//" + stays["last_careunit"], "outtime", hadm_id=stays["hadm_id"],
           icustay_id=stays["icustay_id"]),
    events(diagnoses, "DIAGNOSIS//ICD//9//" + text(diagnoses["icd9_code"]), diagnoses["hadm_id"].map(ended),
           hadm_id=diagnoses["hadm_id"]),
    events(procedures, "PROCEDURE//ICD//9//" + text(procedures["icd9_code"]), procedures["hadm_id"].map(ended),
           hadm_id=procedures["hadm_id"]),
    events(services, "SERVICE//" + text(services["curr_service"]), "transfertime", hadm_id=services["hadm_id"]),
    events(known, "TRANSFER_TO//" + text(known["eventtype"]) + "//" + text(known["curr_careunit"]), "intime",
           hadm_id=known["hadm_id"]),
    events(drugs, "MEDICATION//START//" + text(drugs["drug"]), "startdate", hadm_id=drugs["hadm_id"],
           drug_type=drugs["drug_type"]),
    events(outputs, "SUBJECT_FLUID_OUTPUT//" + outputs["itemid"] + "//" + text(outputs["valueuom"]), "charttime",
           hadm_id=outputs["hadm_id"], numeric_value=number(outputs["value"]), error=outputs["iserror"]),
    events(labs, "LAB//RESULT//" + labs["itemid"] + "//" + text(labs["valueuom"]), "charttime",
           hadm_id=labs["hadm_id"], numeric_value=number(labs["valuenum"]), text_value=labs["value"],
           flag=labs["flag"]),
    events(charts, "LAB//" + charts["itemid"] + "//" + text(charts["valueuom"]), "charttime",
           hadm_id=charts["hadm_id"], icustay_id=charts["icustay_id"], numeric_value=number(charts["valuenum"]),
           text_value=charts["value"], error=charts["error"]),
]
for column, code in (("edregtime", "ED_REGISTRATION"), ("edouttime", "ED_OUT")):
    came = admissions.dropna(subset=[column])
    parts.append(events(came, code, column))
meds = pd.concat(parts, ignore_index=True)
# What has no time at all but is not static has no place in MEDS.
meds = meds[meds["time"].notna() | meds["code"].str.startswith("GENDER")]
meds = meds.sort_values(["subject_id", "time"], kind="stable", na_position="first")
for column in ("hadm_id", "icustay_id", "error"):
    meds[column] = pd.to_numeric(meds[column]).astype("Int64")
meds["numeric_value"] = meds["numeric_value"].astype("float32")
subjects = meds["subject_id"].unique()
for split, some in (("train", subjects[::2]), ("tuning", subjects[1::4]), ("held_out", subjects[3::4])):
    os.makedirs(f"{out}/data/{split}", exist_ok=True)
    for place, chosen in enumerate(np.array_split(some, 2)):
        rows = meds[meds["subject_id"].isin(chosen)]
        rows.to_parquet(f"{out}/data/{split}/{place}.parquet", index=False, row_group_size=10_000)
os.makedirs(f"{out}/metadata", exist_ok=True)
codes = pd.DataFrame({"code": sorted(meds["code"].unique()), "description": "", "parent_codes": None})
codes.to_parquet(f"{out}/metadata/codes.parquet", index=False)
json.dump({"dataset_name": "mimic", "meds_version": "0.4.0"}, open(f"{out}/metadata/dataset.json", "w"))
print(f"{len(meds)} events of {len(subjects)} subjects")
