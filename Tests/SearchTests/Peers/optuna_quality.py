#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Optuna's side of `make bench-search`: best value after 50, 100 and 200 trials, and CPU ms a trial, one row a seed.

The functions are those of Tests/SearchTests/Benchmarks/TestFunctions.swift, all minimised. Optuna 5.0 runs sequentially,
in memory. Output: function,sampler,seed,best50,best100,best200,cpu_ms; with --cost, the cost of one suggestion at
100, 1,000 and 5,000 trials of five parameters as cost,sampler,count,first,ms,median,ms,worst,ms.
"""
import argparse
import math
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import optuna  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)


def vector(trial, count, low, high):
    return [trial.suggest_float(f"x{i}", low, high) for i in range(count)]


def branin(trial):
    x, y = trial.suggest_float("x0", -5, 10), trial.suggest_float("x1", 0, 15)
    parabola = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return parabola**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381],
]


def hartmann6(trial):
    x = vector(trial, 6, 0, 1)
    return -sum(
        c * math.exp(-sum(a[j] * (x[j] - 1e-4 * p[j]) ** 2 for j in range(6)))
        for c, a, p in zip([1, 1.2, 3, 3.2], A, P)
    )


def rosenbrock5(trial):
    x = vector(trial, 5, -5, 10)
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(4))


def ackley10(trial):
    x = vector(trial, 10, -32.768, 32.768)
    bowl = -20 * math.exp(-0.2 * math.sqrt(sum(v * v for v in x) / 10))
    return bowl - math.exp(sum(math.cos(2 * math.pi * v) for v in x) / 10) + 20 + math.e


def mixed(trial):
    if trial.suggest_categorical("model", ["gbt", "lstm"]) == "gbt":
        rate = trial.suggest_float("gbt_lr", 1e-3, 1, log=True)
        leaves = trial.suggest_int("leaves", 4, 512, log=True)
        depth = trial.suggest_int("depth", 2, 12)
        l2 = trial.suggest_float("l2", 1e-8, 10, log=True)
        boost = trial.suggest_categorical("boost", ["gbdt", "dart", "goss"])
        value = 0.15 + 0.5 * math.log10(rate / 0.05) ** 2 + 0.3 * math.log(leaves / 63, 4) ** 2
        value += 0.02 * (depth - 7) ** 2 + 0.01 * (math.log10(l2) + 2) ** 2
        if boost == "dart":
            return value + 0.05 + 2 * (trial.suggest_float("drop", 0, 0.5) - 0.1) ** 2
        return value + (0.1 if boost == "goss" else 0)
    rate = trial.suggest_float("lstm_lr", 1e-5, 1e-1, log=True)
    hidden = trial.suggest_int("hidden", 16, 256, step=16)
    layers = trial.suggest_int("layers", 1, 3)
    dropout = trial.suggest_float("dropout", 0, 0.6)
    optim = trial.suggest_categorical("optim", ["adam", "sgd", "rms"])
    value = 0.6 * math.log10(rate / 3e-3) ** 2 + 0.1 * math.log2(hidden / 128) ** 2
    value += {1: 0.15, 2: 0, 3: 0.08}[layers] + 3 * (dropout - 0.2) ** 2 + {"adam": 0, "rms": 0.05, "sgd": 0.3}[optim]
    return value + 2 * (trial.suggest_float("rec_drop", 0, 0.5) - 0.1) ** 2 if layers > 1 else value


def camel(trial):
    x, y = trial.suggest_float("x0", -3, 3), trial.suggest_float("x1", -2, 2)
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


A3 = [[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]]
P3 = [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]]


def hartmann3(trial):
    x = vector(trial, 3, 0, 1)
    return -sum(
        c * math.exp(-sum(a[j] * (x[j] - 1e-4 * p[j]) ** 2 for j in range(3)))
        for c, a, p in zip([1, 1.2, 3, 3.2], A3, P3)
    )


def levy6(trial):
    w = [1 + (v - 1) / 4 for v in vector(trial, 6, -10, 10)]
    value = math.sin(math.pi * w[0]) ** 2 + (w[5] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[5]) ** 2)
    return value + sum((v - 1) ** 2 * (1 + 10 * math.sin(math.pi * v + 1) ** 2) for v in w[:5])


def styblinski5(trial):
    return sum(v**4 - 16 * v**2 + 5 * v for v in vector(trial, 5, -5, 5)) / 2


def michalewicz5(trial):
    x = vector(trial, 5, 0, math.pi)
    return -sum(math.sin(v) * math.sin((i + 1) * v * v / math.pi) ** 20 for i, v in enumerate(x))


def rastrigin4(trial):
    x = [v - 1.7 for v in vector(trial, 4, -5.12, 5.12)]
    return 40 + sum(v * v - 10 * math.cos(2 * math.pi * v) for v in x)


def families(trial):
    family = trial.suggest_categorical("family", ["kernel", "forest", "net"])
    if family == "kernel":
        c = trial.suggest_float("c", 1e-3, 1e3, log=True)
        if trial.suggest_categorical("kernel", ["rbf", "poly"]) == "rbf":
            gamma = trial.suggest_float("gamma", 1e-4, 10, log=True)
            return 0.1 + 0.05 * (math.log10(c) - 1) ** 2 + 0.1 * (math.log10(gamma) + math.log10(c) / 2 + 1) ** 2
        return 0.2 + 0.05 * math.log10(c) ** 2 + 0.03 * (trial.suggest_int("degree", 2, 6) - 3) ** 2
    if family == "forest":
        depth, share = trial.suggest_int("depth", 2, 20), trial.suggest_float("share", 0.1, 1)
        return 0.05 + 0.002 * (depth - 14) ** 2 + 0.5 * (share - 0.4) ** 2 + 0.2 * abs(share - 0.4) * abs(depth - 14) / 10
    rate, width = trial.suggest_float("rate", 1e-5, 1, log=True), trial.suggest_int("width", 8, 1024, log=True)
    return 0.3 * (math.log10(rate) + 2.5) ** 2 + 0.04 * (math.log2(width) - 8) ** 2 + 0.1 * abs(math.log10(rate * width))


FRESH = dict(
    camel=camel, hartmann3=hartmann3, levy6=levy6, styblinski5=styblinski5, michalewicz5=michalewicz5,
    rastrigin4=rastrigin4, families=families)
FUNCTIONS = dict(branin=branin, hartmann6=hartmann6, rosenbrock5=rosenbrock5, ackley10=ackley10, mixed=mixed)


def sampler(kind, seed):
    made = optuna.samplers
    return {
        "random": lambda: made.RandomSampler(seed=seed),
        # Optuna 5's defaults are multivariate and constant liar; group is needed for conditional spaces.
        "tpe": lambda: made.TPESampler(seed=seed, multivariate=True, group=True, constant_liar=True),
        "tpe-default": lambda: made.TPESampler(seed=seed),
        "sobol": lambda: made.QMCSampler(seed=seed, scramble=True),
        "cmaes": lambda: made.CmaEsSampler(seed=seed),
        "gp": lambda: made.GPSampler(seed=seed),
    }[kind]()


def quality(kinds, functions, seeds, first_seed, trials):
    print("function,sampler,seed,best50,best100,best200,cpu_ms")
    for name in functions:
        for kind in kinds:
            for seed in range(first_seed, first_seed + seeds):
                study = optuna.create_study(sampler=sampler(kind, seed))
                start = time.process_time()
                study.optimize({**FUNCTIONS, **FRESH}[name], n_trials=trials)
                cost = 1000 * (time.process_time() - start) / trials
                best, low = [], math.inf
                for trial in study.trials:
                    low = min(low, trial.value)
                    if trial.number + 1 in (50, 100, 200):
                        best.append(low)
                print(",".join([name, kind, str(seed)] + [repr(v) for v in best] + [f"{cost:.4f}"]), flush=True)


def cost(kinds, repeats=10):
    space = {f"x{i}": optuna.distributions.FloatDistribution(-5, 10) for i in range(5)}
    for count in (100, 1000, 5000):
        source = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
        source.optimize(rosenbrock5, n_trials=count)
        for kind in kinds:
            if kind == "gp" and count > 1000:
                continue  # minutes a suggestion
            study = optuna.create_study(sampler=sampler(kind, 3))
            study.add_trials(source.trials)
            took = []
            for _ in range(repeats + 1 if kind != "gp" else 3):
                start = time.process_time()
                trial = study.ask(space)
                took.append(1000 * (time.process_time() - start))
                x = [trial.params[f"x{i}"] for i in range(5)]
                study.tell(trial, sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(4)))
            first, rest = took[0], sorted(took[1:])
            print(f"cost,{kind},{count},first,{first},median,{rest[len(rest) // 2]},worst,{rest[-1]}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samplers", default="random,sobol,tpe,cmaes,gp")
    parser.add_argument("--functions", default=",".join(FUNCTIONS))
    parser.add_argument("--fresh", action="store_true", help="the functions that no setting was chosen on")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--cost", action="store_true")
    given = parser.parse_args()
    print(f"# optuna {optuna.__version__}", file=sys.stderr)
    if given.cost:
        cost(given.samplers.split(","))
    else:
        names = list(FRESH) if given.fresh else given.functions.split(",")
        quality(given.samplers.split(","), names, given.seeds, given.first_seed, given.trials)
