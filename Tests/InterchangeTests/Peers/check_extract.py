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
rates = rates[rates["valuenum"].between(0, 350)].merge(kept.reset_index()[["subject_id", "icustay_id", "intime"]])
since = (pd.to_datetime(rates["charttime"]) - rates["intime"]).dt.total_seconds()
rates = rates[since >= 0].assign(hours_in=(since // 3600).astype(int))
byhand = rates.groupby(["icustay_id", "hours_in"])["valuenum"].agg(["count", "mean", "std"])
ours = hourly["heart rate"].reset_index().set_index(["icustay_id", "hours_in"])[["count", "mean", "std"]]
byhand = byhand.reindex(ours.index)
byhand["count"] = byhand["count"].fillna(0)
pd.testing.assert_frame_equal(ours, byhand, check_names=False, rtol=1e-9, check_column_type=False)
assert ours["count"].sum() > 1000

for name, frame in (("patients", patients), ("vitals_labs", hourly), ("vitals_labs_mean", means)):
    frame.to_hdf(again, key=name)
interventions = pd.DataFrame({"vent": np.zeros(len(hourly), dtype=int)}, index=hourly.index)
interventions.to_hdf(again, key="interventions")
print(f"{len(patients)} stays, {len(hourly)} hours")
