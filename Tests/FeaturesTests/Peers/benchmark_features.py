# SPDX-License-Identifier: Apache-2.0
"""Works out mimic3-benchmarks' 714 features and 48 x 76 tensors with numpy and scipy from the event series that
`muster data prepare --preset mimic3-benchmarks` wrote, and compares them with its shards, read with h5py.

    python benchmark_features.py OUT DEFINITIONS      (OUT: --out of prepare; DEFINITIONS: channel_info.json and
                                                       discretizer_config.json of the benchmark)
"""
import csv
import glob
import json
import sys

import h5py
import numpy as np
from scipy.stats import skew

out, definitions = sys.argv[1:3]
info = json.load(open(definitions + "/channel_info.json"))
config = json.load(open(definitions + "/discretizer_config.json"))
parts = [(0, 1.0), (0, 0.1), (0, 0.25), (0, 0.5), (1, 0.1), (1, 0.25), (1, 0.5)]


def features(header, rows):
    values = []
    for place, name in enumerate(header[1:], 1):
        words = info[name]["possible_values"]
        pairs = [(float(r[0]), float(info[name]["values"][r[place]] if words else r[place])) for r in rows if r[place]]
        for is_last, share in parts:
            if pairs:
                first, last = pairs[0][0], pairs[-1][0]
                low, high = (last - (last - first) * share, last) if is_last else (first, first + (last - first) * share)
                chosen = [x for t, x in pairs if low - 1e-6 < t < high + 1e-6]
            if not pairs or not chosen:
                values += [np.nan] * 6
            else:
                values += [min(chosen), max(chosen), np.mean(chosen), np.std(chosen), skew(chosen), len(chosen)]
    return np.array(values, dtype=np.float32)


def tensor(header, rows):
    channels = config["id_to_channel"]
    last = [[None] * 17 for _ in range(48)]
    for row in rows:
        step = int(float(row[0]) - 1e-6)
        for place, name in enumerate(header[1:], 1):
            if row[place]:
                last[step][channels.index(name)] = row[place]
    result = []
    shown = [config["normal_values"][name] for name in channels]
    for step in range(48):
        line, mask = [], []
        for place, name in enumerate(channels):
            mask.append(0.0 if last[step][place] is None else 1.0)
            shown[place] = last[step][place] or shown[place]
            if config["is_categorical_channel"][name]:
                line += [1.0 if value == shown[place] else 0.0 for value in config["possible_values"][name]]
            else:
                line.append(float(shown[place]))
        result.append(line + mask)
    return np.array(result, dtype=np.float32)


base = out + "/mimic3-benchmarks/in-hospital-mortality/train/"
names = [row["stay"] for row in csv.DictReader(open(base + "listfile.csv"))]
shards = sorted(glob.glob(out + "/in_hospital_mortality/shard-*.h5"))
tabular = np.concatenate([h5py.File(path)["tabular/values"][:] for path in shards])
sequence = np.concatenate([h5py.File(path)["sequence/values"][:] for path in shards])
assert len(names) == len(tabular), (len(names), len(tabular))
worst = [0.0, 0.0]
for index, name in enumerate(names):
    lines = list(csv.reader(open(base + name)))
    for place, (found, expected) in enumerate(
        [(tabular[index], features(lines[0], lines[1:])), (sequence[index], tensor(lines[0], lines[1:]))]
    ):
        assert found.shape == expected.shape, (found.shape, expected.shape)
        assert np.array_equal(np.isnan(found), np.isnan(expected)), (name, np.sum(np.isnan(found) != np.isnan(expected)))
        scale = np.maximum(1, np.abs(np.nan_to_num(expected)))
        worst[place] = max(worst[place], float(np.max(np.abs(np.nan_to_num(found) - np.nan_to_num(expected)) / scale)))
print(f"{len(names)} stays: features differ by at most {worst[0]:.2e}, tensors by {worst[1]:.2e} (relative above 1)")
assert max(worst) <= 1e-6
