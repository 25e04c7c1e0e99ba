# SPDX-License-Identifier: Apache-2.0
"""Writes one small table as Parquet in every way that the peers offer, and what it holds as lines of text.

    python write_variants.py FOLDER
"""
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

out = sys.argv[1]
count = 5_003
random = np.random.default_rng(1)
table = pd.DataFrame({
    "subject_id": np.sort(random.integers(1, 40, count)).astype("int64"),
    "time": pd.Series(pd.date_range("2101-05-03 04:05:06", periods=count, freq="61min")).astype("datetime64[us]"),
    "code": [f"LAB//{50800 + i % 37}//mg/dL" for i in random.integers(0, 1_000, count)],
    "numeric_value": random.normal(100, 30, count).astype("float32").round(1),
    "precise": random.normal(0, 1, count),
    "small": random.integers(-5, 5, count).astype("int32"),
    "isTrue": random.integers(0, 2, count).astype(bool),
})
table.loc[random.integers(0, count, 700), "numeric_value"] = np.nan
table["text_value"] = [None if i % 3 else f"a \"quoted\", value ünï {i}" for i in range(count)]
table["hadm_id"] = pd.array([None if i % 5 == 0 else 100_000 + i // 50 for i in range(count)], dtype="Int64")
table.loc[0:2, "time"] = pd.NaT

with open(f"{out}/expected.txt", "w") as lines:
    for row in table.itertuples(index=False):
        time = "" if pd.isna(row.time) else str(int(row.time.timestamp()))
        number = "" if pd.isna(row.numeric_value) else repr(float(row.numeric_value))
        hadm = "" if pd.isna(row.hadm_id) else str(row.hadm_id)
        text = "" if pd.isna(row.text_value) else row.text_value
        lines.write("\t".join([
            str(row.subject_id), time, row.code, number, repr(row.precise), str(row.small), str(int(row.isTrue)), text,
            hadm]) + "\n")

table.to_parquet(f"{out}/pandas.parquet", index=False)
arrow = pa.Table.from_pandas(table, preserve_index=False)
for name, options in {
    "plain": {"compression": "none", "use_dictionary": False},
    "groups": {"row_group_size": 700, "data_page_size": 1_000},
    "gzip": {"compression": "gzip"},
    "zstd": {"compression": "zstd"},
    "v2": {"data_page_version": "2.0", "version": "2.6"},
    "v2_snappy_plain": {"data_page_version": "2.0", "use_dictionary": False, "data_page_size": 2_000},
    "delta": {
        "use_dictionary": False,
        "column_encoding": {"subject_id": "DELTA_BINARY_PACKED", "time": "DELTA_BINARY_PACKED",
                            "code": "DELTA_LENGTH_BYTE_ARRAY", "text_value": "DELTA_LENGTH_BYTE_ARRAY",
                            "hadm_id": "DELTA_BINARY_PACKED", "small": "DELTA_BINARY_PACKED"}},
}.items():
    pq.write_table(arrow, f"{out}/{name}.parquet", **options)
nanoseconds = table.assign(time=table["time"].astype("datetime64[ns]"))
pq.write_table(pa.Table.from_pandas(nanoseconds, preserve_index=False), f"{out}/nanoseconds.parquet")
milliseconds = table.assign(time=table["time"].astype("datetime64[ms]"))
pq.write_table(pa.Table.from_pandas(milliseconds, preserve_index=False), f"{out}/milliseconds.parquet")
nested = arrow.append_column("parent_codes", pa.array([["a", "b"]] * count)).select(
    ["subject_id", "parent_codes", "time", "code", "numeric_value", "precise", "small", "isTrue", "text_value", "hadm_id"])
pq.write_table(nested, f"{out}/nested.parquet")
try:
    import polars
    polars.from_pandas(table).write_parquet(f"{out}/polars.parquet")
    polars.from_pandas(table).write_parquet(f"{out}/polars_groups.parquet", row_group_size=900, compression="snappy")
except ImportError:
    print("no polars")
try:
    import duckdb
    duckdb.sql(f"COPY (SELECT * FROM table) TO '{out}/duckdb.parquet' (FORMAT parquet)".replace("table)", '"table")'))
except ImportError:
    print("no duckdb")
pq.write_table(arrow, f"{out}/refused_brotli.parquet", compression="brotli")
