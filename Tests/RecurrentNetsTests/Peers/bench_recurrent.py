# SPDX-License-Identifier: Apache-2.0
"""`make bench-recurrent`: Muster and PyTorch by turns, one thread each, medians of the rounds, as a table of ratios."""

import json
import os
import pathlib
import statistics
import subprocess
import sys

GOALS = {
    ("train", 16, 8): 12, ("train", 64, 32): 2.5, ("train", 128, 64): 1.4, ("train", 256, 128): 1.35,
    ("train_tlstm", 64, 32): 6, ("infer", 64, 1): 10,
}
here = pathlib.Path(__file__).parent
rounds = int(os.environ.get("ROUNDS", "3"))
swift = os.environ.get("MUSTER_TESTS", "swift test -c release --skip-build").split()
found = {}


def run(command, **extra):
    environment = dict(os.environ, MUSTER_BENCH="1", OPENBLAS_NUM_THREADS="1", SWIFT_BACKTRACE="enable=no", **extra)
    output = subprocess.run(command, env=environment, capture_output=True, text=True)
    if output.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: status {output.returncode}\n{output.stdout[-2000:]}{output.stderr[-2000:]}")
    for line in output.stdout.splitlines():
        if line.startswith("BENCH "):
            entry = json.loads(line[6:])
            key = (entry.pop("side"), entry.pop("kind"), entry.pop("H", 0), entry.pop("B", 0))
            found.setdefault(key, []).append(entry)


for _ in range(rounds):
    run([*swift, "--filter", r"^RecurrentNetsTests\.LSTMBenchmark"])
    run([sys.executable, here / "bench_torch.py"])
run([*swift, "--filter", r"^RecurrentNetsTests\.MemoryBenchmark"])


def median(side, kind, hidden, batch, field):
    values = [e[field] for e in found.get((side, kind, hidden, batch), []) if field in e]
    return statistics.median(values) if values else float("nan")


print(f"samples per CPU second, medians of {rounds} rounds; T = 48, 76 inputs")
print(f"{'kind':16}{'H':>5}{'B':>5}{'muster':>10}{'GFLOP/s':>9}{'torch':>10}{'ratio':>8}{'goal':>7}")
for side, kind, hidden, batch in found:
    if side != "muster" or kind == "memory":
        continue
    own, other = (median(s, kind, hidden, batch, "sps") for s in ("muster", "torch"))
    goal = GOALS.get((kind, hidden, batch), "")
    flops = median("muster", kind, hidden, batch, "gflops")
    print(f"{kind:16}{hidden:5}{batch:5}{own:10.0f}{flops:9.1f}{other:10.0f}{own / other:8.2f}{goal:>7}")
print(f"inference H = 64, batch 1: p99 {median('muster', 'infer', 64, 1, 'p99_ms'):.3f} ms (goal 0.2)")
own, bound = median("muster", "train", 256, 128, "gflops"), median("torch", "sgemm", 256, 128, "gflops")
print(f"H = 256: {own:.1f} of the {bound:.1f} GFLOP/s of sgemm alone on the same shapes: {100 * own / bound:.0f} % (goal 90)")
print("checksums", [e["checksum"] for k, v in found.items() if k[0] == "muster" for e in v[:1] if "checksum" in e])
for entry in found.get(("muster", "memory", 0, 0), []):
    print("memory, 59,000 × 48 × 76:", entry)
