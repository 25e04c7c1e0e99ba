# SPDX-License-Identifier: Apache-2.0
"""Opens all_hourly_data.h5 with pandas, holds it against the tables it was made of, and writes it again with pandas.

    python check_extract.py all_hourly_data.h5 mimic-iii-demo again.h5
"""
import os
import sys

import numpy as np
import pandas as pd

path, tables, again = sys.argv[1:]


def read(name, **options):
    for end in (".csv.gz", ".csv"):
        if os.path.exists(f"{tables}/{name}{end}"):
            table = pd.read_csv(f"{tables}/{name}{end}", low_memory=False, **options)
            return table.rename(columns=str.lower)
    raise SystemExit(f"{name} is missing")


patients = pd.read_hdf(path, "patients")
hourly = pd.read_hdf(path, "vitals_labs")
means = pd.read_hdf(path, "vitals_labs_mean")
assert list(patients.index.names) == ["subject_id", "hadm_id", "icustay_id"], patients.index.names
assert list(hourly.index.names) == ["subject_id", "hadm_id", "icustay_id", "hours_in"]
assert list(hourly.columns.names) == ["LEVEL2", "Aggregation Function"], hourly.columns.names
assert hourly.index.equals(means.index) and hourly.index.is_unique
assert len(hourly) == (patients["max_hours"] + 1).sum()
xs = hourly.xs("mean", axis=1, level="Aggregation Function")
pd.testing.assert_frame_equal(xs, means.xs("mean", axis=1, level="Aggregation Function"), check_like=True)

stays = read("ICUSTAYS").merge(read("PATIENTS")[["subject_id", "gender", "dob"]], on="subject_id")
stays[["intime", "outtime"]] = stays[["intime", "outtime"]].apply(pd.to_datetime)
first = stays.sort_values("intime").groupby("subject_id").head(1)
hours = (first["outtime"] - first["intime"]).dt.total_seconds() / 3600
kept = first[(hours >= 12) & (hours <= 240)].set_index("icustay_id").sort_index()
theirs = patients.reset_index().set_index("icustay_id").sort_index()
assert list(theirs.index) == list(kept.index), "the cohort differs"
assert list(theirs["gender"]) == list(kept["gender"])
assert np.allclose(theirs["los_icu"], (kept["outtime"] - kept["intime"]).dt.total_seconds() / 86400)

# Heart rate by hand: items 211 and 220045, errors dropped, 0 to 350; to the hour, mean, count and sample deviation.
charts = read("CHARTEVENTS", usecols=lambda name: name.lower() in {"subject_id", "itemid", "charttime", "valuenum", "error"})
rates = charts[charts["itemid"].isin([211, 220045]) & (charts["error"] != 1)]
rates = rates[rates["valuenum"].between(0, 350)].merge(kept.reset_index()[["subject_id", "icustay_id", "intime", "outtime"]])
since = (pd.to_datetime(rates["charttime"]) - rates["intime"]).dt.total_seconds()
rates = rates.assign(hours_in=since // 3600)[(since >= 0) & (pd.to_datetime(rates["charttime"]) <= rates["outtime"])]
rates["hours_in"] = rates["hours_in"].astype(int)
byhand = rates.groupby(["icustay_id", "hours_in"])["valuenum"].agg(["count", "mean", "std"])
ours = hourly["heart rate"].reset_index().set_index(["icustay_id", "hours_in"])[["count", "mean", "std"]]
byhand = byhand.reindex(ours.index)
byhand["count"] = byhand["count"].fillna(0)
pd.testing.assert_frame_equal(ours, byhand, check_names=False, rtol=1e-9, check_column_type=False)
assert ours["count"].sum() > 1000

# The frame of treatments, by hand from the tables.
treatments = pd.read_hdf(path, "interventions")
assert treatments.index.equals(hourly.index) and (treatments.dtypes == "int64").all(), treatments.dtypes
assert list(treatments.columns) == [
    "vent", "vaso", "adenosine", "dobutamine", "dopamine", "epinephrine", "isuprel", "milrinone", "norepinephrine",
    "phenylephrine", "vasopressin", "colloid_bolus", "crystalloid_bolus", "nivdurations"], list(treatments.columns)
assert treatments.isin([0, 1]).all().all()
window = kept.reset_index()[["subject_id", "icustay_id", "intime", "outtime"]]


def inside(rows, start, end):
    """Rows within their patient's stay, cut to it, and the hours that they touch."""
    rows = rows.drop(columns=["icustay_id", "hadm_id"], errors="ignore")
    rows = rows.assign(begin=pd.to_datetime(rows[start]), stop=pd.to_datetime(rows[end])).merge(window, on="subject_id")
    rows = rows[(rows["begin"] <= rows["outtime"]) & (rows["stop"] >= rows["intime"])]
    rows = rows.assign(begin=rows[["begin", "intime"]].max(axis=1), stop=rows[["stop", "outtime"]].min(axis=1))
    hour = lambda name: ((rows[name] - rows["intime"]).dt.total_seconds() // 3600).astype(int)
    return rows.assign(first=hour("begin"), last=hour("stop"))


def compare(name, spans):
    """Hours with a 1 are those of the spans (icustay_id, first hour, last hour)."""
    wanted = {(stay, hour) for stay, first, last in spans for hour in range(first, last + 1)}
    column = treatments[name].reset_index()
    found = set(map(tuple, column[column[name] == 1][["icustay_id", "hours_in"]].to_numpy()))
    assert found == wanted, (name, len(found - wanted), len(wanted - found))
    return len(wanted)


def spans(rows):
    return list(rows[["icustay_id", "first", "last"]].itertuples(index=False, name=None))


pumps, bags = read("INPUTEVENTS_MV"), read("INPUTEVENTS_CV")
pumps = pumps[pumps["statusdescription"] != "Rewritten"]
drugs = {
    "adenosine": ([], [221282]), "dobutamine": ([30042, 30306], [221653]), "dopamine": ([30043, 30307], [221662]),
    "epinephrine": ([30044, 30119, 30309], [221289]), "isuprel": ([30046], [227692]), "milrinone": ([30125], [221986]),
    "norepinephrine": ([30047, 30120], [221906]), "phenylephrine": ([30127, 30128], [221749]),
    "vasopressin": ([30051], [222315])}
pressors = []
for drug, (carevue, metavision) in drugs.items():
    given = inside(pumps[pumps["itemid"].isin(metavision)], "starttime", "endtime")
    all_spans = spans(given[given["stop"] > given["begin"]])
    # CareVue: from a rate above 0 to a stop, a rate of 0, or the last row.
    charted = inside(bags[bags["itemid"].isin(carevue)].sort_values("row_id"), "charttime", "charttime")
    charted = charted[pd.to_datetime(charted["charttime"]) >= charted["intime"]]
    for stay, rows in charted.sort_values("begin", kind="stable").groupby("icustay_id"):
        running = None
        for row in rows.itertuples():
            if running is None and row.rate > 0:
                running = row
            ends = row.rate == 0 or str(row.stopped).startswith(("Stopped", "D/C"))
            if running is not None and (ends or row.Index == rows.index[-1]):
                if row.begin > running.begin:
                    all_spans.append((stay, running.first, row.first))
                running = None
    compare(drug, all_spans)
    if drug not in ("adenosine", "isuprel"):
        pressors += all_spans
assert compare("vaso", pressors) > 100

# Ventilation: runs of settings, none more than 8 h behind the one before, ended by oxygen or an extubation.
settings = {445, 448, 449, 450, 1340, 1486, 1600, 224687, 639, 654, 681, 682, 683, 684, 224685, 224684, 224686, 218, 436, 535,
            444, 459, 224697, 224695, 224696, 224746, 224747, 221, 1, 1211, 1655, 2000, 226873, 224738, 224419, 224750, 227187,
            543, 5865, 5866, 224707, 224709, 224705, 224706, 60, 437, 505, 506, 686, 220339, 224700, 3459, 501, 502, 503,
            224702, 223, 667, 668, 669, 670, 671, 672, 224701, 223849}
oxygen = {"cannula", "nasal cannula", "face tent", "aerosol-cool", "trach mask", "hi flow neb", "high flow neb", "non-rebreather",
          "venti mask", "medium conc mask", "vapotherm", "t-piece", "hood", "hut", "transtrachealcat", "heated neb",
          "ultrasonic neb", "high flow nasal cannula", "vapomist"}
wide = read("CHARTEVENTS", usecols=lambda name: name.lower() in {
    "subject_id", "itemid", "charttime", "value", "valuenum", "error"}).rename(columns=str.lower)
wide = wide[wide["value"].notna() & (wide["error"] != 1)]
said = wide["value"].astype(str).str.strip().str.lower()
item = wide["itemid"]
wide = wide.assign(
    mech=item.isin(settings) | (item.isin([720, 223848]) & ~said.str.startswith("other"))
    | (item.isin([467, 226732]) & (said == "ventilator")),
    oxygen=item.isin([467, 226732]) & said.isin(oxygen),
    either=(item.isin([467, 226732, 468, 469]) & said.isin(oxygen))
    | (item.isin([470, 471, 227287, 223834]) & (wide["valuenum"] > 0)),
    out=(item == 640) & said.isin(["extubated", "self extubation"]))
tubes = read("PROCEDUREEVENTS_MV")
tubes = tubes[tubes["itemid"].isin([227194, 225468, 225477])].rename(columns={"starttime": "charttime"})
tubes = tubes[["subject_id", "charttime"]].assign(mech=False, oxygen=False, either=False, out=True)
flags = ["mech", "oxygen", "either", "out"]
moments = inside(pd.concat([wide[wide[flags].any(axis=1)], tubes]), "charttime", "charttime")
moments = moments[pd.to_datetime(moments["charttime"]) >= moments["intime"]]
moments = moments.groupby(["icustay_id", "begin", "first"])[flags].max().reset_index()
eight = pd.Timedelta(hours=8)
vents, nivs = [], []
for stay, rows in moments.groupby("icustay_id"):
    run, breath = [], []
    for row in list(rows.itertuples()) + [None]:
        if row is None or (run and row.begin - run[-1].begin > eight):
            if run and run[-1].begin > run[0].begin:
                vents.append((stay, run[0].first, run[-1].first))
            run = []
        if row is not None:
            if row.mech or (row.out and run):
                run.append(row)
            if row.out or (row.oxygen and not row.mech):
                if run and run[-1].begin > run[0].begin:
                    vents.append((stay, run[0].first, run[-1].first))
                run = []
        if row is None or (row.either and breath and row.begin - breath[-1].begin > eight):
            if breath and breath[-1].begin > breath[0].begin:
                nivs.append((stay, breath[0].first, breath[-1].first))
            breath = []
        if row is not None and row.either:
            breath.append(row)
assert compare("vent", vents) > 500 and compare("nivdurations", nivs) > 500

# Boluses of the commonest items; the columns hold others too.
salt = inside(pumps[(pumps["itemid"] == 225158) & pumps["rate"].isna() & (pumps["amountuom"] == "ml")
                    & (pumps["amount"].round() > 248)], "starttime", "starttime")
salt = salt[pd.to_datetime(salt["starttime"]) >= salt["intime"]]
column = treatments["crystalloid_bolus"].reset_index().set_index(["icustay_id", "hours_in"])["crystalloid_bolus"]
assert len(salt) and all(column[(stay, hour)] == 1 for stay, hour, _ in spans(salt))

# Static columns.
expected = {
    "age", "los_icu", "max_hours", "mort_icu", "mort_hosp", "hospital_expire_flag", "hospstay_seq", "readmission_30",
    "admittime", "dischtime", "deathtime", "intime", "outtime", "gender", "ethnicity", "insurance", "admission_type",
    "first_careunit", "diagnosis_at_admission", "discharge_location", "fullcode_first", "dnr_first", "fullcode", "dnr",
    "dnr_first_charttime", "cmo_first", "cmo_last", "cmo", "timecmo_chart"}
assert set(patients.columns) == expected, set(patients.columns) ^ expected
statics = theirs
for name in ("intime", "outtime"):
    assert (statics[name] == kept[name]).all(), name
hospital = read("ADMISSIONS").set_index("hadm_id")
for name in ("admittime", "dischtime", "deathtime"):
    wanted = pd.to_datetime(statics["hadm_id"].map(hospital[name]))
    assert ((statics[name] == wanted) | (statics[name].isna() & wanted.isna())).all(), name
assert (statics["diagnosis_at_admission"].fillna("") == statics["hadm_id"].map(hospital["diagnosis"]).fillna("").str.strip()).all()
assert (statics["discharge_location"] == statics["hadm_id"].map(hospital["discharge_location"])).all()
later = kept.reset_index()[["subject_id", "icustay_id", "outtime"]].merge(
    stays[["subject_id", "intime"]], on="subject_id", suffixes=("", "_next"))
later = later[later["intime"] > later["outtime"]]
gap = (later["intime"] - later["outtime"]).groupby(later["icustay_id"]).min()
back = (statics.index.to_series().map(gap) <= pd.Timedelta(days=30)).astype(int)
assert (statics["readmission_30"] == back).all() and back.sum() > 0
codes = wide[wide["itemid"].isin([128, 223758]) & (wide["value"] != "Other/Remarks")]
codes = inside(codes, "charttime", "charttime")
codes = codes[pd.to_datetime(codes["charttime"]) >= codes["intime"]].sort_values("begin", kind="stable")
full = codes["value"].str.lower() == "full code"
byhand = full.groupby(codes["icustay_id"]).agg(["first", "max"]).astype(float).reindex(statics.index)
assert np.array_equal(byhand["first"], statics["fullcode_first"], equal_nan=True)
assert np.array_equal(byhand["max"], statics["fullcode"], equal_nan=True)

for name, frame in (("vitals_labs", hourly), ("vitals_labs_mean", means), ("interventions", treatments)):
    frame.to_hdf(again, key=name)
# As MIMIC-Extract writes it: categories, in a table.
for name in ("gender", "ethnicity", "admission_type", "first_careunit"):
    patients[name] = patients[name].astype("category")
for name in ("insurance", "diagnosis_at_admission", "discharge_location"):
    patients[name] = patients[name].fillna("").astype(str)
patients.to_hdf(again, key="patients", format="table")
print(f"{len(patients)} stays, {len(hourly)} hours")
