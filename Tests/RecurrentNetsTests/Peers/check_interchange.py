# SPDX-License-Identifier: Apache-2.0
"""Holds Muster's networks to PyTorch and onnxruntime: same logits, loss, gradients, predictions and attention.

usage: check_interchange.py FOLDER   (what InterchangeTests wrote with MUSTER_PEERS_OUT=FOLDER)
Where PyTorch has the layer (LSTM, LayerNorm, Linear) its own is used; decay runs step by step.
"""

import json
import pathlib
import struct
import sys

import numpy as np
import onnxruntime
import torch
from torch import nn


def load(path):
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    meta = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        data = np.frombuffer(raw[8 + length + first : 8 + length + last], "<f4").reshape(entry["shape"])
        tensors[name] = torch.tensor(data.copy())
    return meta, tensors


def native_lstm(meta, w, layer, x, lengths):
    """PyTorch's own layer, over packed rows, weights by name."""
    hidden, two = int(meta["hidden"]), meta["directions"] == "2"
    lstm = nn.LSTM(x.shape[2], hidden, batch_first=True, bidirectional=two)
    state = {}
    for suffix in ["", "_reverse"][: 2 if two else 1]:
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            state[f"{part}_l0{suffix}"] = w[f"lstm.{part}_l{layer}{suffix}"]
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output, _ = torch.func.functional_call(lstm, state, (packed,))
    return nn.utils.rnn.pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])[0]


def stepwise_lstm(meta, w, layer, x, hours, mask, ages):
    outputs = []
    for suffix in [f"_l{layer}", f"_l{layer}_reverse"][: int(meta["directions"])]:
        h = c = x.new_zeros(x.shape[0], int(meta["hidden"]))
        states = [None] * x.shape[1]
        steps = range(x.shape[1])
        for t in reversed(steps) if suffix.endswith("reverse") else steps:
            before, read = c, h
            delta = hours[:, t : t + 1]
            if meta["decay"] != "none":
                fading = {
                    "log": lambda: 1 - 1 / torch.log(torch.e + delta),
                    "inverse": lambda: delta / (1 + delta),
                    "exponential": lambda: 1 - torch.exp(-nn.functional.softplus(w["decay.rate" + suffix]) * delta),
                }[meta["decay"]]()
                before = c - fading * torch.tanh(c @ w["decay.weight" + suffix].T + w["decay.bias" + suffix])
            if ages is not None:
                read = h * torch.exp(
                    -torch.relu(ages[:, t] @ w["state_decay.weight" + suffix].T + w["state_decay.bias" + suffix]))
            z = x[:, t] @ w["lstm.weight_ih" + suffix].T + w["lstm.bias_ih" + suffix] + read @ w["lstm.weight_hh" + suffix].T
            i, f, g, o = z.chunk(4, 1)
            memory = torch.sigmoid(f) * before + torch.sigmoid(i) * torch.tanh(g)
            result = torch.sigmoid(o) * torch.tanh(memory)
            m = mask[:, t : t + 1]
            h, c = m * result + (1 - m) * h, m * memory + (1 - m) * c
            states[t] = m * result
        outputs.append(torch.stack(states, 1))
    return torch.cat(outputs, 2)


def forward(meta, w, rows):
    x, hours, mask = rows["inputs"], rows["elapsed"], rows["mask"]
    channels, ages = int(meta["mean_decay"]), None
    if channels:
        value, seen, ages = (x[..., k * channels : (k + 1) * channels] for k in range(3))
        kept = torch.exp(-torch.relu(ages * w["input_decay.weight"] + w["input_decay.bias"]))
        x = torch.cat([value * (seen + (1 - seen) * kept), x[..., channels:]], 2)
    if int(meta["time_encoding"]):
        angle = torch.log1p(hours)[..., None] * w["time.weight"] + w["time.bias"]
        x = torch.cat([x, angle[..., :1], torch.sin(angle[..., 1:])], 2)
    lengths = mask.sum(1).to(torch.int64)
    for layer in range(int(meta["layers"])):
        if meta["decay"] == "none" and ages is None:
            x = native_lstm(meta, w, layer, x, lengths)
        else:
            x = stepwise_lstm(meta, w, layer, x, hours, mask, ages)
        ages = None
        if meta["layer_norm"] == "1":
            x = nn.functional.layer_norm(x, x.shape[2:], w[f"norm.weight_l{layer}"], w[f"norm.bias_l{layer}"])
    scored = torch.tanh(x @ w["attention.weight"].T + w["attention.bias"]) if meta["attention"] == "additive" else x
    scores = (scored @ w["attention.query"].reshape(-1)).masked_fill(mask == 0, -torch.inf)
    shares = torch.softmax(scores, 1)
    features = torch.cat([(shares[..., None] * x).sum(1), rows["statics"]], 1)
    return features @ w["output.weight"].reshape(-1, features.shape[1]).T + w["output.bias"], shares


def loss_of(meta, logits, labels):
    total, gamma, positive = 0, float(meta["focal_gamma"]), float(meta["positive_weight"])
    for head, objective in enumerate(meta["heads"].split()):
        z, y = logits[:, head], labels[head]
        if objective == "binary":
            cross = nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")
            weight = torch.where(y == 1, positive, 1.0)
            total = total + (weight * (1 - torch.exp(-cross)) ** gamma * cross).mean()
        else:
            total = total + ((z - (y - y.mean()) / y.std(correction=0)) ** 2).mean()
    return total


def distance(found, expected):
    found, expected = np.asarray(found), np.asarray(expected)
    return float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))


worst = {}
paths = sorted(pathlib.Path(sys.argv[1]).glob("*.safetensors"))
assert paths, f"no .safetensors in {sys.argv[1]}"
for path in paths:
    meta, tensors = load(path)
    rows = {k[6:]: v for k, v in tensors.items() if k.startswith("check.")}
    gradients = {k[9:]: v for k, v in tensors.items() if k.startswith("gradient.")}
    weights = {k: v.requires_grad_() for k, v in tensors.items() if not k.startswith(("check.", "gradient."))}
    logits, shares = forward(meta, weights, rows)
    loss = loss_of(meta, logits, rows["labels"])
    loss.backward()
    found = {
        "logits": distance(rows["logits"], logits.detach()),
        "loss": distance(rows["loss"], loss.detach()),
        "attention": distance(rows["attention"], shares.detach()),
    }
    largest = max(float(v.grad.abs().max()) for v in weights.values() if v.grad is not None)
    for name, slope in gradients.items():
        expected = weights[name].grad.reshape(slope.shape)
        found["gradient"] = max(found.get("gradient", 0), float((slope - expected).abs().max()) / max(largest, 0.1))
    session = onnxruntime.InferenceSession(path.with_suffix(".onnx"), providers=["CPUExecutionProvider"])
    names = {i.name for i in session.get_inputs()}
    feeds = {k: rows[k].numpy() for k in ("inputs", "elapsed", "mask", "statics") if k in names}
    prediction, attention = session.run(["prediction", "attention"], feeds)
    found["onnx prediction"] = distance(prediction.T, rows["predictions"])
    found["onnx attention"] = distance(attention, rows["attention"])
    for key, value in found.items():
        worst[key] = max(worst.get(key, 0), value)
    print(path.stem, {k: f"{v:.1e}" for k, v in found.items()})
print("worst of", len(paths), {k: f"{v:.1e}" for k, v in worst.items()})
limits = {"logits": 1e-5, "loss": 1e-5, "attention": 1e-5, "gradient": 3e-5, "onnx prediction": 1e-5, "onnx attention": 1e-5}
broken = [k for k, v in worst.items() if not v <= limits[k]]
sys.exit(f"beyond the limits: {broken}" if broken else 0)
