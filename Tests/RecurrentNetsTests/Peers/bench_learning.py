# SPDX-License-Identifier: Apache-2.0
"""`make bench-recurrent-learning`: what the networks learn beside boosted trees, logistic regression and PyTorch.

usage: bench_learning.py WORKDIR [DATASET_FOLDER …]     (data sets as `muster data prepare` writes them)
Same rows, folds, preparation and seeds for all; each side's own initial weights. AUROC and AUPRC, mean ± sd over folds.
"""

import json
import os
import pathlib
import struct
import subprocess
import sys

import h5py
import lightgbm
import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from torch import nn

torch.set_num_threads(1)
work = pathlib.Path(sys.argv[1])
work.mkdir(parents=True, exist_ok=True)
for old in [*work.glob("*.rows"), *work.glob("*.predictions")]:
    old.unlink()
COMMON = {"hidden": 32, "batch": 64, "epochs": 20, "learning_rate": 0.003, "patience": 4, "dropout": 0.1}


def write(name, parts, channels, **options):
    tensors = {f"{part}.{k}": v for part, rows in parts.items() for k, v in rows.items()}
    tensors["channels"] = np.array([channels], "<f4")
    header, offset = {"__metadata__": {k: str(v) for k, v in options.items()}}, 0
    for key, value in tensors.items():
        header[key] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, offset + 4 * value.size]}
        offset += 4 * value.size
    text = json.dumps(header).encode()
    with open(work / f"{name}.rows", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            file.write(np.ascontiguousarray(value, "<f4").tobytes())


class Network(nn.Module):
    """The plain or T-LSTM network of Muster, additive attention, statics joined."""

    def __init__(self, inputs, statics, hidden, decay):
        super().__init__()
        self.decay, self.hidden = decay, hidden
        self.lstm = nn.LSTM(inputs, hidden, batch_first=True)
        self.split = nn.Linear(hidden, hidden)
        self.project, self.query = nn.Linear(hidden, hidden), nn.Linear(hidden, 1, bias=False)
        self.drop, self.output = nn.Dropout(COMMON["dropout"]), nn.Linear(hidden + statics, 1)
        for gate in range(4):
            nn.init.orthogonal_(self.lstm.weight_hh_l0.data[gate * hidden : (gate + 1) * hidden])
        for weight in (self.lstm.weight_ih_l0, self.split.weight, self.project.weight, self.query.weight, self.output.weight):
            nn.init.xavier_uniform_(weight)
        for bias in (self.lstm.bias_ih_l0, self.lstm.bias_hh_l0, self.split.bias, self.project.bias, self.output.bias):
            nn.init.zeros_(bias)
        self.lstm.bias_ih_l0.data[hidden : 2 * hidden] = 1

    def forward(self, x, hours, statics):
        if self.decay == "none":
            states = self.lstm(x)[0]
        else:
            fading = 1 - 1 / torch.log(torch.e + hours)
            z = x @ self.lstm.weight_ih_l0.T + self.lstm.bias_ih_l0
            h = c = x.new_zeros(x.shape[0], self.hidden)
            all_states = []
            for t in range(x.shape[1]):
                c = c - fading[:, t : t + 1] * torch.tanh(self.split(c))
                i, f, g, o = (z[:, t] + h @ self.lstm.weight_hh_l0.T).chunk(4, 1)
                c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
                h = torch.sigmoid(o) * torch.tanh(c)
                all_states.append(h)
            states = torch.stack(all_states, 1)
        shares = torch.softmax(self.query(torch.tanh(self.project(states))), 1)
        return self.output(self.drop(torch.cat([(shares * states).sum(1), statics], 1))).squeeze(1)


def fit_torch(parts, decay, epochs, patience, batch, rate):
    torch.manual_seed(11)
    data = {p: {k: torch.tensor(v) for k, v in rows.items()} for p, rows in parts.items()}
    train, inner, test = data["train"], data["inner"], data["test"]
    net = Network(train["inputs"].shape[2], train["statics"].shape[1], COMMON["hidden"], decay)
    share = float(train["labels"].mean())
    net.output.bias.data.fill_(np.log(share / (1 - share)))
    optimizer, loss_of = torch.optim.AdamW(net.parameters(), rate, weight_decay=0), nn.BCEWithLogitsLoss()
    best, kept, waited = np.inf, None, 0
    for _ in range(epochs):
        net.train()
        order = torch.randperm(len(train["labels"]))
        for first in range(0, len(order), batch):
            rows = order[first : first + batch]
            optimizer.zero_grad()
            loss_of(net(train["inputs"][rows], train["elapsed"][rows], train["statics"][rows]), train["labels"][rows]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5)
            optimizer.step()
        net.eval()
        with torch.no_grad():
            loss = float(loss_of(net(inner["inputs"], inner["elapsed"], inner["statics"]), inner["labels"]))
        if loss < best:
            best, kept, waited = loss, {k: v.clone() for k, v in net.state_dict().items()}, 0
        elif (waited := waited + 1) >= patience > 0:
            break
    net.load_state_dict(kept)
    net.eval()
    with torch.no_grad():
        return net(test["inputs"], test["elapsed"], test["statics"]).numpy()


def fit_trees(x, y, xi, yi, xt):
    model = lightgbm.LGBMClassifier(
        n_estimators=200, learning_rate=0.05, num_leaves=15, random_state=11, n_jobs=1, verbose=-1)
    model.fit(x, y, eval_X=xi, eval_y=yi, callbacks=[lightgbm.early_stopping(25, verbose=False)])
    return model.predict_proba(xt)[:, 1]


def fit_line(x, y, xt):
    mean, scale = np.nanmean(x, 0), np.nanstd(x, 0)
    scale = np.where(scale > 1e-9, scale, 1)
    prepare = lambda a: np.hstack([np.nan_to_num((a - mean) / scale), np.isnan(a)])
    return LogisticRegression(C=0.05, max_iter=500).fit(prepare(x), y).decision_function(prepare(xt))


scores = {}


def score(group, model, labels, predictions):
    scores.setdefault((group, model), []).append(
        (roc_auc_score(labels, predictions), average_precision_score(labels, predictions)))


def timing_set(rng, rows, steps=12):
    """Positive where the step after the only peak comes late; see TimingTests."""
    late = rng.random((rows, steps)) < 0.5
    hours = np.where(late, 12 + 36 * rng.random((rows, steps)), 0.25 + 1.75 * rng.random((rows, steps)))
    peak = rng.integers(0, steps - 1, rows)
    values = 0.5 * rng.standard_normal((rows, steps, 2))
    values[np.arange(rows), peak, 0] += 4
    return dict(
        inputs=values.astype("f4"), elapsed=hours.astype("f4"), statics=np.zeros((rows, 0), "f4"),
        labels=late[np.arange(rows), peak + 1].astype("f4"))


def aggregates(rows):
    x = np.concatenate([rows["inputs"], rows["elapsed"][..., None]], 2)
    return np.concatenate([x.mean(1), x.std(1), x.min(1), x.max(1), x[:, -1], x[:, 0]], 1)


jobs = []
timing = {p: timing_set(np.random.default_rng(s), n) for p, s, n in (("train", 1, 1500), ("inner", 2, 300), ("test", 3, 1500))}
tuned = dict(COMMON, hidden=16, batch=32, epochs=25, learning_rate=0.01, patience=0, dropout=0)
for name, options in {
    "plain LSTM": dict(decay="none"), "T-LSTM log": dict(decay="log"), "T-LSTM learned rates": dict(decay="exponential"),
    "time encoding": dict(decay="none", time_encoding=4),
}.items():
    write(f"timing-{len(jobs)}", timing, 0, **tuned, **options)
    jobs.append(("timing", name, f"timing-{len(jobs)}", timing["test"]["labels"]))
with_ages = {}
for part, rows in timing.items():
    ages = np.repeat(rows["elapsed"][..., None] / 48, 2, 2)
    with_ages[part] = dict(rows, inputs=np.concatenate([rows["inputs"], np.ones_like(ages), ages], 2).astype("f4"))
write(f"timing-{len(jobs)}", with_ages, 2, **tuned, decay="none", mean_decay="true")
jobs.append(("timing", "decay toward the mean", f"timing-{len(jobs)}", timing["test"]["labels"]))
x = {p: aggregates(r) for p, r in timing.items()}
y = {p: r["labels"] for p, r in timing.items()}
score("timing", "boosted trees on aggregates", y["test"], fit_trees(x["train"], y["train"], x["inner"], y["inner"], x["test"]))
score("timing", "logistic on aggregates", y["test"], fit_line(x["train"], y["train"], x["test"]))
score("timing", "PyTorch plain LSTM", y["test"], fit_torch(timing, "none", 25, 0, 32, 0.01))


NAMES = {"rows/label": "label", "rows/group": "group", "sequence/values": "sequence", "tabular/values": "tabular"}


def read(folder):
    found = {}
    for path in sorted(pathlib.Path(folder).glob("*.h5")):
        with h5py.File(path) as file:
            file.visititems(lambda name, item: found.setdefault(NAMES.get(name, name), []).append(item[...])
                            if isinstance(item, h5py.Dataset) else None)
    return {k: np.concatenate(v) for k, v in found.items()}


def prepare(sequence, fitted):
    """z | observed | age, and hours since any observation, as SequencePreparation makes them."""
    rows, steps, channels = sequence.shape
    known = ~np.isnan(sequence)
    flat = sequence[fitted].reshape(-1, channels)
    with np.errstate(all="ignore"):
        mean, scale = np.nan_to_num(np.nanmean(flat, 0)), np.nan_to_num(np.nanstd(flat, 0, ddof=1))
    factor = np.where(scale > 1e-9, 1 / np.where(scale > 1e-9, scale, 1), 0)
    inputs = np.zeros((rows, steps, 3 * channels), "f4")
    elapsed = np.zeros((rows, steps), "f4")
    last, age, since = np.zeros((rows, channels)), np.full((rows, channels), steps), np.zeros(rows)
    for t in range(steps):
        elapsed[:, t] = since
        seen = known[:, t]
        z = np.clip((np.nan_to_num(sequence[:, t]) - mean) * factor, -10, 10)
        last, age = np.where(seen, z, last), np.where(seen, 0, np.minimum(age + 1, steps))
        inputs[:, t] = np.concatenate([last, seen, np.log1p(age) / np.log1p(steps)], 1)
        since = np.where(seen.any(1), 1, since + 1)
    return inputs, elapsed


# PyTorch runs the T-LSTM step by step, at a fifth of its own LSTM's speed: TORCH_DECAYS=none leaves it out.
torch_decays = os.environ.get("TORCH_DECAYS", "none log").split()
for folder in sys.argv[2:]:
    data = read(folder)
    group_name = pathlib.Path(folder).parent.name + "/" + pathlib.Path(folder).name
    labels, groups, tabular = data["label"], data["group"], data["tabular"]
    print(f"{group_name}: {len(labels)} rows, {int(labels.sum())} positive, {len(np.unique(groups))} patients", flush=True)
    folds = StratifiedGroupKFold(int(os.environ.get("FOLDS", "5")), shuffle=True, random_state=11)
    for fold, (outer, test) in enumerate(folds.split(tabular, labels, groups)):
        picks = StratifiedGroupKFold(6, shuffle=True, random_state=fold)
        fit, hold = next(picks.split(tabular[outer], labels[outer], groups[outer]))
        fitted, inner = outer[fit], outer[hold]
        inputs, elapsed = prepare(data["sequence"], fitted)
        mean, scale = np.nanmean(tabular[fitted], 0), np.nanstd(tabular[fitted], 0)
        statics = np.clip(np.nan_to_num((tabular - mean) / np.where(scale > 1e-9, scale, 1)), -10, 10).astype("f4")
        parts = {p: dict(inputs=inputs[r], elapsed=elapsed[r], statics=statics[r], labels=labels[r].astype("f4"))
                 for p, r in (("train", fitted), ("inner", inner), ("test", test))}
        for decay in ("none", "log"):
            name = f"{group_name.replace('/', '-')}-{fold}-{decay}"
            write(name, parts, data["sequence"].shape[2], **COMMON, decay=decay)
            jobs.append((group_name, f"LSTM, decay {decay}", name, labels[test]))
            if decay not in torch_decays:
                continue
            score(group_name, f"PyTorch LSTM, decay {decay}", labels[test],
                  fit_torch(parts, decay, COMMON["epochs"], COMMON["patience"], COMMON["batch"], COMMON["learning_rate"]))
        score(group_name, "boosted trees", labels[test],
              fit_trees(tabular[fitted], labels[fitted], tabular[inner], labels[inner], tabular[test]))
        score(group_name, "logistic regression", labels[test], fit_line(tabular[outer], labels[outer], tabular[test]))

swift = os.environ.get("MUSTER_TESTS", "swift test -c release --skip-build").split()
subprocess.run([*swift, "--filter", "LearningBenchmark"], check=True, stdout=subprocess.DEVNULL,
               env=dict(os.environ, MUSTER_LEARNING_DIR=str(work.resolve()), SWIFT_BACKTRACE="enable=no"))
for group, model, name, labels in jobs:
    score(group, "Muster: " + model, labels, np.fromfile(work / f"{name}.predictions", "<f4"))
print(f"{'data':28}{'model':36}{'folds':>6}{'AUROC':>16}{'AUPRC':>16}")
for (group, model), values in sorted(scores.items()):
    (a, p), (da, dp) = np.mean(values, 0), np.std(values, 0)
    print(f"{group:28}{model:36}{len(values):6}{a:9.3f} ± {da:.3f}{p:9.3f} ± {dp:.3f}")
