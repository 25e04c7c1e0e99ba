# SPDX-License-Identifier: Apache-2.0
"""Reads a data set as docs/Shards.md says, with h5py and pandas, and checks names, shapes, types and hashes.

    python read_shards.py datasets/readmission_30d
"""
import hashlib
import json
import sys

import h5py
import numpy as np
import pandas as pd

folder = sys.argv[1]
manifest = json.load(open(f"{folder}/manifest.json"))
assert manifest["format"] in (1, 2, 3)
files = []
for entry in manifest["files"]:
    data = open(f"{folder}/{entry['name']}", "rb").read()
    assert len(data) == entry["bytes"] and hashlib.sha256(data).hexdigest() == entry["sha256"], entry["name"]
    files.append(h5py.File(f"{folder}/{entry['name']}"))
    assert len(files[-1]["rows/label"]) == entry["rows"]
    if manifest["format"] == 1:
        continue
    shard = files[-1]
    names = ["tabular/values", "sequence/values", "rows/label", "rows/group", "rows/id", "rows/digest"]
    further = manifest.get("further", [])
    assert bool(further) == (manifest["format"] == 3)
    if further:
        names.append("rows/further")
        assert shard["rows/further"].shape == (entry["rows"], len(further)), entry["name"]
    rows = [shard[name][:].tobytes() for name in names[2:]]
    assert hashlib.sha256(b"".join(rows)).hexdigest() == entry["rows_sha256"], entry["name"]
    assert [shard[name].id.get_offset() for name in names] == entry["offsets"], entry["name"]
    for i, digest in enumerate(shard["rows/digest"][:]):
        expected = b"".join(hashlib.sha256(shard[name][i].tobytes()).digest() for name in names[:2])
        assert digest.tobytes() == expected, f"{entry['name']}, row {i}"
names = [column["name"] for column in manifest["columns"]]
table = pd.DataFrame(np.concatenate([f["tabular/values"][:] for f in files]), columns=names)
table["label"] = np.concatenate([f["rows/label"][:] for f in files])
groups = np.concatenate([f["rows/group"][:] for f in files])
sequences = np.concatenate([f["sequence/values"][:] for f in files])
assert len(table) == manifest["rows"] and len(set(groups)) == manifest["patients"]
assert sequences.shape == (manifest["rows"], manifest["steps"], len(manifest["channels"]))
assert sequences.dtype == np.float32 and len(set(names)) == len(names)
further = [label["outcome"] for label in manifest.get("further", [])]
if further:
    labels = pd.DataFrame(np.concatenate([f["rows/further"][:] for f in files]), columns=further)
    assert len(labels) == manifest["rows"] and len(set(further)) == len(further)
    print(f"further labels: {', '.join(further)}")
assert all(column["label"] for column in manifest["columns"])
print(f"{len(table)} rows, {len(names)} columns, sequences {sequences.shape}: as documented")
