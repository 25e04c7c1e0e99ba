// SPDX-License-Identifier: Apache-2.0

// What the program at the end of this file printed: a plain LSTM with attention pooling, by loops, in doubles.

/// The states h of four steps of two units.
let goldenStates: [Float] = [
  -0.149588659, -0.004734579, -0.177922123, -0.002628602, -0.161738555, 0.117778587, -0.096277634, 0.172583291,
]

let goldenOutput: Float = 0.456584067

/*
from math import exp, tanh

I, H, T = 3, 2, 4
sizes = [4 * H * I, 4 * H * H, 4 * H, H * H, H, H, H, 1]
parameters = [((k * 7) % 11 - 5) / 10 for k in range(sum(sizes))]
inputs = [((k * 5) % 7 - 3) / 4 for k in range(T * I)]
blocks, start = [], 0
for size in sizes:
    blocks.append(parameters[start : start + size])
    start += size
wx, wh, b, wa, ba, v, wo, bo = blocks


def sigmoid(x):
    return 1 / (1 + exp(-x))


h, c, states = [0.0] * H, [0.0] * H, []
for t in range(T):
    x = inputs[t * I : (t + 1) * I]
    z = [
        b[j] + sum(wx[j * I + k] * x[k] for k in range(I)) + sum(wh[j * H + k] * h[k] for k in range(H))
        for j in range(4 * H)
    ]
    c = [sigmoid(z[H + k]) * c[k] + sigmoid(z[k]) * tanh(z[2 * H + k]) for k in range(H)]
    h = [sigmoid(z[3 * H + k]) * tanh(c[k]) for k in range(H)]
    states.append(h)
scores = [
    sum(v[j] * tanh(ba[j] + sum(wa[j * H + k] * s[k] for k in range(H))) for j in range(H)) for s in states
]
total = sum(exp(s) for s in scores)
pooled = [sum(exp(a) / total * s[k] for a, s in zip(scores, states)) for k in range(H)]
print("states", [round(value, 9) for s in states for value in s])
print("output", round(bo[0] + sum(w * p for w, p in zip(wo, pooled)), 9))
*/
