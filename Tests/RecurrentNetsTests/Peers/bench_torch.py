# SPDX-License-Identifier: Apache-2.0
"""PyTorch's side of `make bench-recurrent`: one thread, samples per CPU second, JSON lines as LSTMBenchmark prints them."""

import json
import os
import time

os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
import torch
from torch import nn

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
T, INPUTS = 48, 76


class Pooling(nn.Module):
    def __init__(self, hidden, additive):
        super().__init__()
        self.project = nn.Linear(hidden, hidden) if additive else None
        self.query = nn.Linear(hidden, 1, bias=False)
        self.output = nn.Linear(hidden, 1)

    def forward(self, states):
        scored = states if self.project is None else torch.tanh(self.project(states))
        shares = torch.softmax(self.query(scored), 1)
        return self.output((shares * states).sum(1)).squeeze(-1)


class Plain(nn.Module):
    def __init__(self, hidden, additive=False):
        super().__init__()
        self.lstm = nn.LSTM(INPUTS, hidden, batch_first=True)
        self.pool = Pooling(hidden, additive)

    def forward(self, x, _):
        return self.pool(self.lstm(x)[0])


class TimeAware(nn.Module):
    """Baytas et al. 2017; PyTorch has no such layer, so the cell runs step by step, input projection hoisted."""

    def __init__(self, hidden):
        super().__init__()
        self.hidden = hidden
        self.x, self.h = nn.Linear(INPUTS, 4 * hidden), nn.Linear(hidden, 4 * hidden, bias=False)
        self.split, self.pool = nn.Linear(hidden, hidden), Pooling(hidden, False)

    def forward(self, x, hours):
        z = self.x(x)
        fading = 1 - 1 / torch.log(torch.e + hours)
        h = c = x.new_zeros(x.shape[0], self.hidden)
        states = []
        for t in range(x.shape[1]):
            c = c - fading[:, t : t + 1] * torch.tanh(self.split(c))
            i, f, g, o = (z[:, t] + self.h(h)).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(h)
        return self.pool(torch.stack(states, 1))


def cpu_seconds(body, least, repeats):
    """Median CPU seconds of one call."""
    for _ in range(3):
        body()
    times = []
    for _ in range(repeats):
        start, calls = time.process_time(), 0
        while time.process_time() - start < least:
            body()
            calls += 1
        times.append((time.process_time() - start) / calls)
    return sorted(times)[repeats // 2]


def report(kind, hidden, batch, **rest):
    print("BENCH " + json.dumps(dict(side="torch", kind=kind, H=hidden, B=batch, **rest)), flush=True)


def train(kind, model, hidden, batch):
    torch.manual_seed(0)
    x, y = torch.randn(batch, T, INPUTS), (torch.rand(batch) < 0.3).float()
    hours = torch.rand(batch, T) * 9
    best = None
    for fused in (False, True):
        optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=fused)
        loss_of = nn.BCEWithLogitsLoss()

        def step():
            optimizer.zero_grad(set_to_none=True)
            loss_of(model(x, hours), y).backward()
            optimizer.step()

        seconds = cpu_seconds(step, 0.2, 5)
        best = seconds if best is None else min(best, seconds)
    flops = T * (2 * INPUTS * 4 * hidden * 2 + 2 * hidden * 4 * hidden * 3)
    report(kind, hidden, batch, sps=batch / best, gflops=batch * flops / best / 1e9)


def infer(hidden):
    model, x = Plain(hidden).eval(), torch.randn(1, T, INPUTS)
    with torch.inference_mode():
        report("infer", hidden, 1, sps=1 / cpu_seconds(lambda: model(x, None), 0.2, 5))


def sgemm(hidden, batch):
    """What the products of one training step reach by themselves."""
    rows, gates = batch * T, 4 * hidden
    shapes = [(rows, INPUTS, gates, 1), (batch, hidden, gates, T), (batch, gates, hidden, T)]
    shapes += [(gates, rows, INPUTS, 1), (gates, rows, hidden, 1)]
    seconds = flops = 0
    for m, k, n, count in shapes:
        a, b, c = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)
        seconds += count * cpu_seconds(lambda: torch.mm(a, b, out=c), 0.1, 3)
        flops += count * 2 * m * k * n
    report("sgemm", hidden, batch, gflops=flops / seconds / 1e9)


for hidden, batch in [(16, 8), (64, 32), (128, 64), (256, 128)]:
    train("train", Plain(hidden), hidden, batch)
train("train_tlstm", TimeAware(64), 64, 32)
train("train_additive", Plain(64, additive=True), 64, 32)
for hidden in (16, 64, 128, 256):
    infer(hidden)
sgemm(256, 128)
