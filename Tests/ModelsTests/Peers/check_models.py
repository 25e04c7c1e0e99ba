# SPDX-License-Identifier: Apache-2.0
"""Predicts from exported models with onnxruntime, LightGBM and PyTorch, and holds it against what Muster predicted.

    python check_models.py FOLDER      # model files and facts.json, as ModelExportTests writes them
"""
import json
import sys

import lightgbm
import numpy as np
import onnx
import onnxruntime
import torch
from safetensors import safe_open

folder = sys.argv[1]
facts = json.load(open(f"{folder}/facts.json"))


# The recipe of docs/Models.md: raw values, NaN where nothing was taken, to a network's inputs.
def standardise(values, means, scales):
    return np.clip((values.astype(np.float64) - means) * scales, -10, 10).astype(np.float32)


def prepare(values, means, scales):
    """[N, T, C] to inputs [N, T, 3C] (value | taken | age) and elapsed [N, T] in hours."""
    rows, steps, channels = values.shape
    z = standardise(values, means, scales)
    last = np.zeros((rows, channels), np.float32)  # the mean, before the first value
    age = np.full((rows, channels), steps)
    since = np.zeros(rows)
    inputs, elapsed = [], []
    for step in range(steps):
        taken = ~np.isnan(values[:, step])
        last = np.where(taken, z[:, step], last)
        age = np.where(taken, 0, np.minimum(age + 1, steps))
        inputs.append(np.concatenate([last, taken, np.log1p(age) / np.log1p(steps)], axis=1))
        elapsed.append(since)
        since = np.where(taken.any(axis=1), 1, since + 1)
    return np.stack(inputs, 1).astype(np.float32), np.stack(elapsed, 1).astype(np.float32)


def array(name):
    return np.array([[np.nan if x is None else x for x in row] for row in facts[name]], np.float32)


def link(score):
    return 1 / (1 + np.exp(-score)) if facts["binary"] else score


def agree(what, found, expected, bound=1e-5):
    gap = np.max(np.abs(np.asarray(found, np.float64).ravel() - np.array(expected)) / np.maximum(1, np.abs(expected)))
    assert gap < bound, f"{what}: {gap}"
    global count
    count += 1


count = 0
tabular = array("tabular")

session = onnxruntime.InferenceSession(f"{folder}/trees.onnx")
agree("trees.onnx", session.run(["prediction"], {"input": tabular})[0], facts["trees"])
booster = lightgbm.Booster(model_file=f"{folder}/trees.lightgbm")
assert booster.feature_name() == ["c0", "c_1", "c2=x", "c,3"], booster.feature_name()
agree("trees.lightgbm", booster.predict(tabular), facts["trees"], 1e-6)

for name in ("lstm", "plain"):
    file = onnx.load(f"{folder}/{name}.onnx")
    onnx.checker.check_model(file)
    notes = {entry.key: json.loads(entry.value) for entry in file.metadata_props}
    assert [column[0] for column in notes["muster"]["columns"]] == ["c0", "c 1", "c2=x", "c,3"]
    steps, channels = notes["muster"]["steps"], len(notes["muster"]["channels"])
    sequence = array("sequence").reshape(len(tabular), steps, channels)
    inputs, elapsed = prepare(sequence, notes["channels.means"], notes["channels.scales"])
    statics = np.nan_to_num(standardise(tabular, notes["columns.means"], notes["columns.scales"]))
    session = onnxruntime.InferenceSession(f"{folder}/{name}.onnx")
    found = session.run(
        ["prediction"],
        {"inputs": inputs, "elapsed": elapsed, "mask": np.ones_like(elapsed), "statics": statics})[0]
    agree(f"{name}.onnx", found, facts[name])

    with safe_open(f"{folder}/{name}.safetensors", "pt") as weights:
        tensors = {key: weights.get_tensor(key) for key in weights.keys()}
        origin = json.loads(weights.metadata()["muster"])
    assert origin == notes["muster"]
    assert tensors["channels.means"].tolist() == notes["channels.means"]
    if name == "lstm":
        continue  # its decay is not in PyTorch's LSTM; `make check-recurrent` computes it
    hidden = tensors["lstm.weight_hh_l0"].shape[1]
    lstm = torch.nn.LSTM(inputs.shape[2], hidden, batch_first=True)
    lstm.load_state_dict({key[5:]: value for key, value in tensors.items() if key.startswith("lstm.")})
    states = lstm(torch.tensor(inputs))[0]
    scores = torch.tanh(states @ tensors["attention.weight"].T + tensors["attention.bias"]) @ tensors["attention.query"].T
    pooled = (torch.softmax(scores, 1) * states).sum(1)
    output = torch.cat([pooled, torch.tensor(statics)], 1) @ tensors["output.weight"].T + tensors["output.bias"]
    scale, mean = tensors["heads.label_scales"].item(), tensors["heads.label_means"].item()
    agree("plain.safetensors", link(output.detach().numpy() * scale + mean), facts[name])

with safe_open(f"{folder}/linear.safetensors", "np") as file:
    t = {key: file.get_tensor(key) for key in file.keys()}
z = np.nan_to_num(standardise(tabular, t["columns.means"], t["columns.scales"]))
absent = np.isnan(tabular)[:, t["columns.indicators"].astype(int)]
margin = np.concatenate([z, absent], axis=1) @ t["weights"] + t["intercept"]
agree("linear.safetensors", link(margin), facts["linear"], 1e-6)

print(f"{count} files agree")
