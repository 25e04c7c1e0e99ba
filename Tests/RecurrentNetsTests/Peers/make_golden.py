# SPDX-License-Identifier: Apache-2.0
"""Prints GoldenTorch.swift: PyTorch's own two-layer bidirectional LSTM, Linear and BCE, in doubles, weights by a formula."""

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
I, H, T = 3, 2, 4
count = 0


def formula(*shape):
    """((7k) mod 11 − 5)/10 for the k-th parameter of all."""
    global count
    size = torch.Size(shape).numel()
    values = torch.tensor([((k * 7) % 11 - 5) / 10 for k in range(count, count + size)]).reshape(shape)
    count += size
    return values.requires_grad_()


lstm = nn.LSTM(I, H, num_layers=2, bidirectional=True, batch_first=True)
blocks, state = [], {}
for layer in range(2):
    for suffix in ("", "_reverse"):
        inputs = I if layer == 0 else 2 * H
        for part, shape in (("weight_ih", (4 * H, inputs)), ("weight_hh", (4 * H, H)), ("bias_ih", (4 * H,))):
            name = f"{part}_l{layer}{suffix}"
            state[name] = formula(*shape)
            blocks.append((name, state[name]))
        state[f"bias_hh_l{layer}{suffix}"] = torch.zeros(4 * H)
project, bias, query = formula(2 * H, 2 * H), formula(2 * H), formula(2 * H)
weight, offset = formula(2 * H), formula(1)
blocks += [("attention.weight", project), ("attention.bias", bias), ("attention.query", query)]
blocks += [("output.weight", weight), ("output.bias", offset)]
x = torch.tensor([((k * 5) % 7 - 3) / 4 for k in range(T * I)]).reshape(1, T, I)
states, _ = torch.func.functional_call(lstm, state, (x,))
shares = torch.softmax(torch.tanh(states @ project.T + bias) @ query, 1)
logit = (shares[..., None] * states).sum(1) @ weight + offset
loss = nn.functional.binary_cross_entropy_with_logits(logit, torch.ones(1))
loss.backward()


def text(values):
    numbers = ", ".join(f"{v:.9f}" for v in values)
    lines, line = [], " "
    for number in numbers.split(", "):
        if len(line) + len(number) > 112:
            lines.append(line)
            line = " "
        line += f" {number},"
    return "\n".join([*lines, line])


print("// SPDX-License-Identifier: Apache-2.0\n")
print("// What Peers/make_golden.py printed, PyTorch " + torch.__version__.split("+")[0] + ": a two-layer bidirectional LSTM with additive")
print("// attention on one row, label 1.\n")
print(f"let goldenTorchLogit = {logit.item():.9f}\nlet goldenTorchLoss = {loss.item():.9f}\n")
print("/// [T, 2H] after the second layer.\nlet goldenTorchStates: [Float] = [")
print(text(states.detach().flatten().tolist()) + "\n]\n")
print("/// ∂loss by every parameter, in their order.\nlet goldenTorchGradient: [Float] = [")
print(text(torch.cat([value.grad.flatten() for _, value in blocks]).tolist()) + "\n]")
